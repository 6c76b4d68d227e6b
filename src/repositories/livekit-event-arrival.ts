// When LiveKit's last genuine event came, to whichever replica: while none does, sessions are looked at more often.
import { sql } from 'kysely'
import { arrivalTrustSeconds, arrivalWriteSeconds } from '../timings.ts'
import type { Db } from './schema.ts'
import { execute, executeOne, seconds, time } from './statement.ts'

/** One of LiveKit's events has just come. One row for all: to be written every few seconds, not for every event. */
export async function recordLiveKitEventArrival(db: Db): Promise<void> {
  const insert = sql`
    INSERT INTO webhook_arrival (last_at) VALUES (now()) ON CONFLICT (id) DO UPDATE SET last_at = now()`
  await execute(db, 'recordLiveKitEventArrival', insert)
}

/** Whether one came lately. A time far in the future is one from before PostgreSQL's clock was set back. */
export const livekitEventsArrive = sql<boolean>`EXISTS (
  SELECT 1 FROM webhook_arrival
  WHERE last_at BETWEEN now() - ${seconds(arrivalTrustSeconds)} AND now() + ${seconds(arrivalWriteSeconds)})`

export interface LiveKitEventArrival {
  now: Date
  /** Null where none ever came. */
  last_at: Date | null
  /** A session that was created later is unheard: an event of its room would have been written down. Null like `last_at`. */
  unheard_from: Date | null
  /** When the first of the active sessions that are unheard was created; null where there is none. */
  unheard_session_at: Date | null
}

export async function findLiveKitEventArrival(db: Db): Promise<LiveKitEventArrival> {
  const select = sql<LiveKitEventArrival>`
    WITH known AS (
      SELECT LEAST(last_at, now()) AS last_at FROM webhook_arrival
      WHERE last_at <= now() + ${seconds(arrivalWriteSeconds)}
    ),
    arrival AS (
      SELECT max(last_at) AS last_at, max(last_at) + ${seconds(arrivalWriteSeconds)} AS unheard_from FROM known
    )
    SELECT ${time(sql`now()`)} AS now, ${time('last_at')} AS last_at, ${time('unheard_from')} AS unheard_from, (
      SELECT ${time(sql`min(created_at)`)} FROM voice_sessions
      WHERE charged IS NULL AND status = 'active' AND (unheard_from IS NULL OR created_at > unheard_from)
    ) AS unheard_session_at
    FROM arrival`
  return executeOne(db, 'findLiveKitEventArrival', select)
}
