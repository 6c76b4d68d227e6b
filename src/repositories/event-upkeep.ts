// What is read and deleted of all events at once.
import { sql } from 'kysely'
import { eventsKeptSeconds } from '../event-timings.ts'
import type { Db } from './schema.ts'
import { executeOne, seconds } from './statement.ts'

export interface WebhookFigures {
  /** How long the delivery has waited that waits longest for an enabled endpoint; 0 where none does. */
  oldest_pending_seconds: number
  /** Endpoints to which nothing is sent any more. */
  disabled_endpoints: number
}

export async function findWebhookFigures(db: Db): Promise<WebhookFigures> {
  const select = sql<WebhookFigures>`
    SELECT (
      SELECT COALESCE(EXTRACT(EPOCH FROM now() - min(oldest.created_at)), 0)::numeric FROM webhook_endpoints w, LATERAL (
        SELECT created_at FROM webhook_deliveries WHERE endpoint_id = w.id AND wake_at IS NOT NULL ORDER BY created_at LIMIT 1
      ) AS oldest WHERE w.disabled_at IS NULL
    ) AS oldest_pending_seconds,
    (SELECT count(*) FROM webhook_endpoints WHERE disabled_at IS NOT NULL) AS disabled_endpoints`
  return executeOne(db, 'findWebhookFigures', select)
}

export interface DeletedEvents {
  events: number
  /** Deliveries among them that still waited: nobody was told. */
  undelivered: number
}

/** Deletes the oldest of the events that are no longer kept, at most so many, and how they were delivered. */
export async function deleteOldEvents(db: Db, max: number): Promise<DeletedEvents> {
  const remove = sql<DeletedEvents>`
    WITH old AS MATERIALIZED (
      SELECT id FROM events WHERE created_at < now() - ${seconds(eventsKeptSeconds)}
      ORDER BY created_at LIMIT ${max} FOR UPDATE SKIP LOCKED
    ),
    deleted AS (DELETE FROM events WHERE id IN (SELECT id FROM old) RETURNING 1)
    SELECT (SELECT count(*) FROM deleted) AS events,
      (SELECT count(*) FROM webhook_deliveries WHERE event_id IN (SELECT id FROM old) AND wake_at IS NOT NULL) AS undelivered`
  return executeOne(db, 'deleteOldEvents', remove)
}
