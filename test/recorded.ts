// What an organization is told of, as a test reads it.
import { sql } from 'kysely'
import { grantCredits } from '../src/repositories/credit-grants.ts'
import type { Service } from './helper.ts'

export const setOrganization = ({ db, organization }: Service, set: string) =>
  sql`UPDATE organizations SET ${sql.raw(set)} WHERE id = ${organization.id}`.execute(db)

/** From now on. */
export const recording = (service: Service) => setOrganization(service, 'events_since = clock_timestamp()')

/** What was recorded, the oldest first. */
export async function recorded({ db, organization }: Service) {
  const rows = await db
    .selectFrom('events')
    .select(['id', 'type', 'body'])
    .where('organization_id', '=', organization.id)
    .orderBy('events.created_at')
    .orderBy('type')
    .execute()
  return rows.map((row) => ({ ...row, ...JSON.parse(row.body) }))
}

export const types = async (service: Service) => (await recorded(service)).map(({ type }) => type)

let grants = 0
export const grant = ({ db, organization }: Service, amount: number) =>
  grantCredits(db, { id: `grant-${++grants}`, organization_id: organization.id, amount })
