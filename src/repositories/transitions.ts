// How a session becomes active, and gets its verdict. Each statement names the state that the session must be in and, where
// the session belongs to somebody, the attempt: whoever was overtaken changes nothing.
import { sql } from 'kysely'
import type { EndReason } from '../lifecycle.ts'
import * as timings from '../timings.ts'
import { batched } from './batched.ts'
import { inDatabaseTime } from './livekit-time.ts'
import type { Db } from './schema.ts'
import { execute, executeFirst, executeOne, seconds, time } from './statement.ts'

/** A room as LiveKit answered that it made it. */
export interface MadeRoom {
  room_sid: string
  /** The worker that was dispatched into it. */
  worker_name: string
  /** LiveKit's clock; null where it does not say. */
  made_at: Date | null
}

type Activation = MadeRoom & { room_name: string; attempt: number }

/** Without a time it is infinity: whether an array may hold a NULL is a setting (`array_nulls`). */
const activateMade = batched<Omit<Activation, 'made_at'> & { made_at: Date | 'infinity' }, { room_name: string }>(
  'activate',
  { room_name: 'text', attempt: 'int', room_sid: 'text', worker_name: 'text', made_at: 'timestamptz' },
  (input) => sql`
    WITH made AS MATERIALIZED (
      SELECT n, input.room_sid, input.worker_name, NULLIF(input.made_at, 'infinity') AS made_at, v.ctid
      FROM ${input} JOIN voice_sessions v USING (room_name, attempt)
      WHERE v.status = 'creating' AND v.end_reason IS NULL FOR NO KEY UPDATE OF v SKIP LOCKED
    )
    UPDATE voice_sessions v SET status = 'active', room_sid = made.room_sid, worker_name = made.worker_name,
      clock_offset_ms = CASE WHEN made_at < created_at THEN EXTRACT(EPOCH FROM made_at - created_at) * 1000
                             WHEN made_at > now() THEN EXTRACT(EPOCH FROM made_at - now()) * 1000 ELSE 0 END,
      wake_at = CASE WHEN wake_at < now() + ${seconds(timings.firstLookMinSeconds)}
                     THEN now() + ${seconds(timings.firstLookSeconds)} ELSE wake_at END
    FROM made WHERE v.ctid = made.ctid RETURNING n, v.room_name`,
)

/**
 * LiveKit has made the room: the session becomes active where it was still creating, belonged to this attempt and had no
 * verdict. The end of its lease becomes its first look, so that no index is written, unless that would come too soon because
 * the room took long. LiveKit made the room between the session's creation and now: by how much its clock says otherwise, that
 * is how far the two clocks are apart. A row that is locked just now is about to be ended or taken over; the others of the batch
 * do not wait for it.
 */
export const activate = (db: Db, { made_at, ...made }: Activation) =>
  activateMade(db, { ...made, made_at: made_at ?? 'infinity' })

/**
 * Names the verdict on an open session, before its room is deleted; otherwise LiveKit's own event of that would settle it
 * first, for another reason. Billing stops here. The reaper carries the verdict out after so many seconds, unless whoever
 * named it did so before. `is_named` is false where the session had a verdict already, or is not open; `user_id` is its
 * caller's, `now` the database's time.
 */
export async function nameVerdict(db: Db, roomName: string, endReason: EndReason, carriedOutAfterSeconds: number) {
  const update = sql<{ is_named: boolean; user_id: string; request_id: string | null; now: Date }>`
    WITH named AS (
      UPDATE voice_sessions
      SET end_reason = ${endReason}, ended_at = now(), wake_at = now() + ${carriedOutAfterSeconds} * interval '1 s'
      WHERE room_name = ${roomName} AND charged IS NULL AND end_reason IS NULL RETURNING 1
    )
    SELECT EXISTS (SELECT 1 FROM named) AS is_named, user_id, request_id, ${time(sql`now()`)} AS now
    FROM voice_sessions WHERE room_name = ${roomName}`
  return executeOne(db, 'nameVerdict', update)
}

/**
 * Somebody who has LiveKit's key deleted the room at that time, on LiveKit's clock, and everybody had to leave: the verdict of
 * an active session that has none, which is returned. Undefined where it has, or where the room was an earlier one of the name.
 */
export async function nameDeletion(db: Db, roomName: string, roomSid: string, at: Date) {
  const update = sql<{ request_id: string | null }>`
    UPDATE voice_sessions v
    SET end_reason = 'ended_by_agent', wake_at = LEAST(wake_at, now() + ${seconds(timings.verdictSeconds)}),
      ended_at = GREATEST(${inDatabaseTime(at)}, created_at,
                          (SELECT max(joined_at) FROM participants p WHERE p.room_name = v.room_name))
    WHERE room_name = ${roomName} AND room_sid = ${roomSid} AND status = 'active' AND end_reason IS NULL
    RETURNING request_id`
  return executeFirst(db, 'nameDeletion', update)
}

/**
 * The same for a look, whose session may have changed meanwhile: only while the look is fresh and its claim holds, and not
 * where the one whose absence is the reason is in the room by now. False where it is not named.
 */
export async function nameVerdictOfLook(
  db: Db,
  session: { room_name: string; attempt: number },
  endReason: EndReason,
  absent: 'caller' | 'agent' | null,
): Promise<boolean> {
  const update = sql`
    UPDATE voice_sessions
    SET end_reason = ${endReason}, ended_at = now(), wake_at = now() + ${seconds(timings.verdictSeconds)}
    WHERE room_name = ${session.room_name} AND status = 'active' AND end_reason IS NULL AND attempt = ${session.attempt}
      AND wake_at > now() + ${seconds(timings.claimSeconds - timings.lookSeconds)}
      AND NOT EXISTS (
        SELECT 1 FROM participants p WHERE p.room_name = ${session.room_name} AND p.kind = ${absent} AND p.left_at IS NULL)
    RETURNING 1`
  return (await execute(db, 'nameVerdictOfLook', update)).length === 1
}
