// Endpoints: where an organization is told of its events. Their secrets are shown nowhere.
import { type SelectQueryBuilder, sql } from 'kysely'
import { changeRecording } from './recording.ts'
import type { Db, Tables } from './schema.ts'
import { execute, executeFirst, executeOne, time } from './statement.ts'

export interface Endpoint {
  id: string
  organization_id: string
  url: string
  /** The types that it wants; null for all. */
  events: string[] | null
  created_at: Date
  /** Until when the secret of before the last rotation signs, too; null where none does. */
  previous_until: Date | null
  /** Since when no attempt has succeeded; null where the last one did. */
  failing_since: Date | null
  /** Until when nothing is sent, because it asked for that; null where it did not, or the time is over. */
  paused_until: Date | null
  disabled_at: Date | null
  /** `gone`: it answered 410. `failing`: for too long. `by_operator`. */
  disabled_reason: string | null
  /** Deliveries that are still to be made. */
  pending: number
}

const shown = <Selected>(endpoints: SelectQueryBuilder<Tables, 'webhook_endpoints', Selected>) =>
  endpoints
    .select(['id', 'organization_id', 'url', sql<string[] | null>`to_jsonb(events)`.as('events')])
    .select([
      time('created_at').as('created_at'),
      time<Date | null>(sql`CASE WHEN previous_until > now() THEN previous_until END`).as('previous_until'),
      time<Date | null>('failing_since').as('failing_since'),
      time<Date | null>(sql`CASE WHEN paused_until > now() THEN paused_until END`).as('paused_until'),
      time<Date | null>('disabled_at').as('disabled_at'),
      'disabled_reason',
    ])
    .select(
      sql<number>`(SELECT count(*) FROM webhook_deliveries d WHERE d.endpoint_id = webhook_endpoints.id
        AND d.wake_at IS NOT NULL)`.as('pending'),
    )

/** The types as PostgreSQL takes them. */
const textArray = (texts: string[] | null) => sql<string[] | null>`${texts}::text[]`

/** The new endpoint. From now on the organization's events are recorded, if they were not before. */
export async function createEndpoint(
  db: Db,
  endpoint: { organization_id: string; url: string; events: string[] | null; secret: string },
): Promise<{ id: string }> {
  const { organization_id, url, events, secret } = endpoint
  return changeRecording(db, organization_id, (transaction) => {
    const insert = transaction
      .insertInto('webhook_endpoints')
      .values({ organization_id, url, events: textArray(events), secret })
      .returning('id')
    return executeOne(transaction, 'createEndpoint', insert)
  })
}

/** The organization's endpoints, the oldest first. */
export async function listEndpoints(db: Db, organizationId: string): Promise<Endpoint[]> {
  const select = shown(db.selectFrom('webhook_endpoints')).where('organization_id', '=', organizationId)
  return execute(db, 'listEndpoints', select.orderBy('webhook_endpoints.created_at').orderBy('id'))
}

/** The endpoint of that id; undefined where there is none. */
export async function findEndpoint(db: Db, id: string): Promise<Endpoint | undefined> {
  return executeFirst(db, 'findEndpoint', shown(db.selectFrom('webhook_endpoints')).where('id', '=', id))
}

/** What of an endpoint can be changed. What is absent stays. */
export interface EndpointChanges {
  /** Another receiver: it begins anew, too. */
  url?: string
  /** Null for all types. */
  events?: string[] | null
  /** An endpoint that is enabled begins anew: what made it fail before counts no more. */
  isEnabled?: boolean
}

const disabledByOperator = {
  disabled_at: sql<Date>`COALESCE(disabled_at, now())`,
  disabled_reason: sql<string>`COALESCE(disabled_reason, 'by_operator')`,
}
/** What was said of the receiver before counts no more. */
const anew = { failing_since: null, failed_at: null, paused_until: null }
const enabled = { ...anew, disabled_at: null, disabled_reason: null }

/** Leaves the endpoint alone for so many seconds; false where it is left alone already. */
export async function pauseEndpoint(db: Db, id: string, pauseSeconds: number): Promise<boolean> {
  const update = sql`
    UPDATE webhook_endpoints SET paused_until = now() + ${pauseSeconds}::int * interval '1 s'
    WHERE id = ${id}::uuid AND COALESCE(paused_until <= now(), true) RETURNING 1`
  return (await execute(db, 'pauseEndpoint', update)).length === 1
}

/** Changes the endpoint, in one thing at least. */
export async function updateEndpoint(db: Db, id: string, { url, events, isEnabled }: EndpointChanges): Promise<void> {
  const changes = {
    ...(url !== undefined && { url, ...anew }),
    ...(events !== undefined && { events: textArray(events) }),
    ...(isEnabled !== undefined && (isEnabled ? enabled : disabledByOperator)),
  }
  await execute(db, 'updateEndpoint', db.updateTable('webhook_endpoints').set(changes).where('id', '=', id))
}

/** The new secret signs from now on; the one of now does, too, for so many hours, and the one before it no more. */
export async function rotateSecret(db: Db, id: string, secret: string, overlapHours: number): Promise<void> {
  const previous = {
    previous_secret: sql<string>`secret`,
    previous_until: sql<Date>`now() + ${overlapHours} * interval '1 hour'`,
  }
  const changes = { secret, ...(overlapHours > 0 ? previous : { previous_secret: null, previous_until: null }) }
  await execute(db, 'rotateSecret', db.updateTable('webhook_endpoints').set(changes).where('id', '=', id))
}

/** Deletes the endpoint and its deliveries. With the last endpoint the recording ends, unless it was asked for. */
export async function deleteEndpoint(db: Db, { id, organization_id }: Endpoint): Promise<void> {
  await changeRecording(db, organization_id, (transaction) =>
    execute(transaction, 'deleteEndpoint', transaction.deleteFrom('webhook_endpoints').where('id', '=', id)),
  )
}
