// Grants: the only way credits come into being, or, with a negative amount, are taken back.
import { sql } from 'kysely'
import { recordedWhereLow } from './events.ts'
import { inTransaction } from './repeats.ts'
import type { Db } from './schema.ts'
import { execute, executeFirst, executeOne, time } from './statement.ts'

export interface Grant {
  /** Chosen by whoever grants; a repeat with the same id grants nothing more. */
  id: string
  organization_id: string
  /** Credits, not 0. A negative amount raises a CHECK violation (23514) where it would leave less than none. */
  amount: number
  /** Who gives them. */
  granted_by?: string | undefined
}

/** After the grant the organization would have more than can be counted. */
export class TooManyCredits extends Error {}

/** What an organization may have, free and held together: what is held comes back to what is free. */
const maxCredits = Number.MAX_SAFE_INTEGER
export const hasTooMany = ({ total }: { total: number }) => total > maxCredits

/** Until the transaction ends nothing is held, settled or granted. */
export async function lockOrganization(db: Db, id: string): Promise<void> {
  const lock = db.selectFrom('organizations').select('id').where('id', '=', id).forNoKeyUpdate()
  await execute(db, 'lockOrganization', lock)
}

/**
 * Adds the credits once per grant id: true when it did, false when that grant was already there. Undefined when the id
 * belongs to a refund, or a grant of another amount or organization. TooManyCredits where it would have more, free and held together,
 * than can be counted. A transaction, because nothing may be held or settled between its two statements. Credits are low below a
 * fifth of what there is after the grant.
 */
export async function grantCredits(db: Db, grant: Grant): Promise<boolean | undefined> {
  if (!db.isTransaction) return inTransaction(db, (transaction) => grantCredits(transaction, grant))
  const { id, organization_id, amount, granted_by = null } = grant
  await lockOrganization(db, organization_id)
  const insert = sql<{ total: number }>`
    WITH g AS (
      INSERT INTO credit_grants (id, organization_id, amount, granted_by)
      VALUES (${id}, ${organization_id}, ${amount}, ${granted_by})
      ON CONFLICT (id) DO NOTHING RETURNING organization_id, amount
    ),
    held AS (
      SELECT COALESCE(sum(held), 0)::bigint AS credits FROM voice_sessions
      WHERE organization_id = ${organization_id} AND charged IS NULL
    )
    UPDATE organizations o SET credits = o.credits + g.amount,
      low_at = CASE WHEN g.amount > 0 THEN CEIL((o.credits + g.amount + held.credits) / 5.0) ELSE low_at END,
      depleted_at = CASE WHEN g.amount < 0 THEN depleted_at END
    FROM g, held WHERE o.id = g.organization_id
    RETURNING o.credits + held.credits AS total, CASE WHEN g.amount < 0 THEN ${recordedWhereLow} END AS is_recorded`
  const granted = await executeFirst(db, 'grantCredits', insert)
  if (granted && hasTooMany(granted)) throw new TooManyCredits()
  if (granted) return true
  const select = db.selectFrom('credit_grants').select(['organization_id', 'amount', 'room_name']).where('id', '=', id)
  const existing = await executeOne(db, 'grantCredits', select)
  const isSame = existing.organization_id === organization_id && existing.amount === amount
  return isSame && existing.room_name === null ? false : undefined
}

const shown = (db: Db) =>
  db
    .selectFrom('credit_grants')
    .select(['id', 'amount', time('created_at').as('created_at'), 'granted_by', 'room_name', 'reason'])

/** The organization's grants, newest first, refunds among them. */
export async function listGrants(db: Db, organizationId: string) {
  const select = shown(db)
    .where('organization_id', '=', organizationId)
    .orderBy('credit_grants.created_at', 'desc')
    .orderBy('id')
  return execute(db, 'listGrants', select)
}

/** The grant or refund of an id that was used, with its organization. */
export async function findGrant(db: Db, id: string) {
  return executeOne(db, 'findGrant', shown(db).select('organization_id').where('id', '=', id))
}
