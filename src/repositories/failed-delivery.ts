// A delivery that failed: when it is tried again, and what becomes of its endpoint.
import { sql } from 'kysely'
import { failingSeconds, untriedSeconds } from '../event-timings.ts'
import { type Claimed, ownedBy } from './delivery.ts'
import type { Db } from './schema.ts'
import { executeOne, seconds } from './statement.ts'

/** Why an attempt failed; never in the receiver's words. */
export type Failure = 'timeout' | 'connection' | 'dns' | 'tls' | 'address' | 'status'

export interface FailedAttempt {
  failure: Failure
  /** What was answered; null where nothing was. */
  answer_status: number | null
  /** After how many seconds it is tried again; null where it is given up. */
  again_seconds: number | null
  /** For how many seconds nothing at all is sent to the endpoint; null where it did not ask to be left alone. */
  pause_seconds: number | null
  /** Whether the receiver said that it is there no more. */
  is_gone: boolean
}

export interface RecordedFailure {
  /** False for who was overtaken. */
  was_recorded: boolean
  /** Why the endpoint was disabled by this attempt; null where it was not. */
  disabled_reason: 'gone' | 'failing' | null
}

/**
 * Records the attempt. An endpoint that is gone, or of which no attempt has succeeded for five days, is disabled; the days begin anew
 * where nothing was tried for long. Nothing of that where its URL has changed meanwhile.
 */
export async function recordFailed(
  db: Db,
  delivery: Claimed & { url: string },
  failed: FailedAttempt,
): Promise<RecordedFailure> {
  const { failure, answer_status, again_seconds, pause_seconds, is_gone } = failed
  const after = (count: number | null) => sql`now() + ${count}::float8 * interval '1 s'`
  const failingSince = sql`CASE WHEN w.failed_at > now() - ${seconds(untriedSeconds)} THEN w.failing_since END`
  const isDisabled = sql`w.disabled_at IS NULL AND (${is_gone}::boolean OR ${failingSince} <= now() - ${seconds(failingSeconds)})`
  const update = sql<RecordedFailure>`
    WITH delivery AS (
      UPDATE webhook_deliveries SET tries = tries + 1, tried_at = now(), failure = ${failure}, wake_at = ${after(again_seconds)},
             answer_status = ${answer_status}::int, given_up_at = CASE WHEN ${again_seconds}::float8 IS NULL THEN now() END
      WHERE ${ownedBy(delivery)} RETURNING endpoint_id
    ),
    endpoint AS (
      UPDATE webhook_endpoints w SET failing_since = COALESCE(${failingSince}, now()), failed_at = now(),
             paused_until = GREATEST(w.paused_until, ${after(pause_seconds)}),
             disabled_at = CASE WHEN ${isDisabled} THEN now() ELSE w.disabled_at END,
             disabled_reason = CASE WHEN ${isDisabled} THEN ${is_gone ? 'gone' : 'failing'} ELSE w.disabled_reason END
      FROM delivery d WHERE w.id = d.endpoint_id AND w.url = ${delivery.url}
      RETURNING CASE WHEN w.disabled_at = now() THEN w.disabled_reason END AS disabled_reason
    )
    SELECT EXISTS (SELECT FROM delivery) AS was_recorded, (SELECT disabled_reason FROM endpoint) AS disabled_reason`
  return executeOne(db, 'recordFailed', update)
}
