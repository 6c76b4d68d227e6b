// What an endpoint is sent because the operator asks for it: a test, or events once more. A redelivery keeps the event's id and body.
import { type RawBuilder, sql } from 'kysely'
import type { Db } from './schema.ts'
import { execute, executeOne } from './statement.ts'
import type { Endpoint } from './webhook-endpoints.ts'

type Receiver = Pick<Endpoint, 'id' | 'organization_id'>

/** Writes a `webhook.test` for this endpoint alone; its id. */
export async function writeTest(db: Db, { id, organization_id }: Receiver): Promise<{ event_id: string }> {
  const insert = sql<{ event_id: string }>`
    WITH event AS (
      INSERT INTO events (id, organization_id, type, body)
      SELECT id, ${organization_id}::uuid, 'webhook.test', json_build_object('id', id, 'type', 'webhook.test',
        'created', shown_moment(now()), 'organization_id', ${organization_id}::uuid, 'data', json_build_object())::text
      FROM (SELECT 'evt_' || replace(gen_random_uuid()::text, '-', '') AS id) AS named RETURNING id
    )
    INSERT INTO webhook_deliveries (event_id, endpoint_id) SELECT id, ${id}::uuid FROM event RETURNING event_id`
  return executeOne(db, 'writeTest', insert)
}

/**
 * Which events are sent again: one, whatever its type; those of a session or since a time, where the endpoint wants them; or those
 * that were given up.
 */
export type Chosen = { event: string } | { room: string } | { since: Date } | 'failed'

const isWanted = sql`(w.events IS NULL OR e.type = ANY (w.events)) AND e.type <> 'webhook.test'`

function conditionOf(chosen: Chosen): RawBuilder<unknown> {
  if (chosen === 'failed')
    return sql`EXISTS (
      SELECT FROM webhook_deliveries d WHERE d.event_id = e.id AND d.endpoint_id = w.id AND d.given_up_at IS NOT NULL)`
  if ('event' in chosen) return sql`e.id = ${chosen.event}`
  if ('room' in chosen) return sql`e.room_name = ${chosen.room} AND ${isWanted}`
  return sql`e.created_at >= ${chosen.since}::timestamptz AND ${isWanted}`
}

/**
 * Begins the schedule anew for each of them, also where the endpoint is younger than the event, or an attempt is under way: its
 * result does not count. How many there are. They are locked in one order, whoever asks.
 */
export async function redeliver(db: Db, { id, organization_id }: Receiver, chosen: Chosen): Promise<number> {
  const insert = sql`
    INSERT INTO webhook_deliveries AS d (event_id, endpoint_id)
    SELECT e.id, w.id FROM events e JOIN webhook_endpoints w USING (organization_id)
    WHERE w.id = ${id}::uuid AND e.organization_id = ${organization_id}::uuid AND ${conditionOf(chosen)}
    ORDER BY e.id
    ON CONFLICT (event_id, endpoint_id) DO UPDATE SET
      attempt = d.attempt + 1, tries = 0, wake_at = now(), delivered_at = NULL, given_up_at = NULL, created_at = now()
    RETURNING event_id`
  return (await execute(db, 'redeliver', insert)).length
}
