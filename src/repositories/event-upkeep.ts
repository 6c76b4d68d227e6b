// What is read and deleted of all events at once.
import { sql } from 'kysely'
import { eventsKeptSeconds } from '../event-timings.ts'
import type { Db } from './schema.ts'
import { execute, executeOne, seconds } from './statement.ts'

export interface WebhookFigures {
  /** Since when the oldest event waits, of those that wait for an enabled endpoint; 0 where none does. */
  oldest_pending_seconds: number
  /** Endpoints to which nothing is sent any more. */
  disabled_endpoints: number
}

export async function findWebhookFigures(db: Db): Promise<WebhookFigures> {
  const select = sql<WebhookFigures>`
    SELECT (
      SELECT COALESCE(EXTRACT(EPOCH FROM now() - min(e.created_at)), 0)::numeric FROM webhook_deliveries d
      JOIN events e ON e.id = d.event_id JOIN webhook_endpoints w ON w.id = d.endpoint_id
      WHERE d.wake_at IS NOT NULL AND w.disabled_at IS NULL
    ) AS oldest_pending_seconds,
    (SELECT count(*) FROM webhook_endpoints WHERE disabled_at IS NOT NULL) AS disabled_endpoints`
  return executeOne(db, 'findWebhookFigures', select)
}

/** Deletes the oldest of the events that are no longer kept, at most so many, and how they were delivered; how many. */
export async function deleteOldEvents(db: Db, max: number): Promise<number> {
  const remove = sql`
    DELETE FROM events WHERE id IN (
      SELECT id FROM events WHERE created_at < now() - ${seconds(eventsKeptSeconds)}
      ORDER BY created_at LIMIT ${max} FOR UPDATE SKIP LOCKED
    ) RETURNING 1`
  return (await execute(db, 'deleteOldEvents', remove)).length
}
