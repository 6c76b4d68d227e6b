// When sessions are looked at: which are due, and when one is looked at next. Whoever was overtaken changes nothing: the
// statements name the attempt of the look.
import { type RawBuilder, sql } from 'kysely'
import type { EndReason } from '../lifecycle.ts'
import * as timings from '../timings.ts'
import { inDatabaseTime } from './livekit-time.ts'
import type { Db } from './schema.ts'
import { execute, executeFirst, seconds, time } from './statement.ts'

/** A session whose time has come. It belongs to the look that claimed it. */
export interface DueSession {
  room_name: string
  organization_id: string
  user_id: string
  /** The X-Request-Id of the create; null in older sessions. */
  request_id: string | null
  status: 'creating' | 'active'
  attempt: number
  end_reason: EndReason | null
  /** Since when somebody has been connected without the caller being present. */
  waiting_since: Date | null
  /** The database's time of the claim. */
  now: Date
}

/** Longest overdue first; then what is further away than any look is put off, because PostgreSQL's clock was set back. */
const claim = (which: RawBuilder<unknown>, size: number) => sql<DueSession>`
  WITH overdue AS MATERIALIZED (
    SELECT room_name FROM voice_sessions WHERE charged IS NULL AND wake_at < now() AND ${which}
    ORDER BY wake_at LIMIT ${size} FOR NO KEY UPDATE SKIP LOCKED
  ),
  far AS MATERIALIZED (
    SELECT room_name FROM voice_sessions
    WHERE charged IS NULL AND wake_at > now() + ${seconds(timings.farWakeSeconds)} AND ${which}
    ORDER BY wake_at DESC LIMIT ${size} - (SELECT count(*) FROM overdue) FOR NO KEY UPDATE SKIP LOCKED
  ),
  due AS (SELECT room_name FROM overdue UNION ALL SELECT room_name FROM far)
  UPDATE voice_sessions v SET attempt = v.attempt + 1, wake_at = now() + ${seconds(timings.claimSeconds)}
  FROM due WHERE v.room_name = due.room_name
  RETURNING v.room_name, v.organization_id, v.user_id, v.request_id, v.status, v.attempt, v.end_reason,
            ${time('v.waiting_since')} AS waiting_since, ${time(sql`now()`)} AS now`

/** Claims at most `size` sessions whose time has come; no two looks ever claim the same one. */
export async function claimDue(db: Db, size: number): Promise<DueSession[]> {
  return execute(db, 'claimDue', claim(sql`lost_since IS NULL AND end_reason IS NULL`, size))
}

/** The same for those whose verdict is to be carried out. */
export async function claimEnding(db: Db, size: number): Promise<DueSession[]> {
  return execute(db, 'claimEnding', claim(sql`lost_since IS NULL AND end_reason IS NOT NULL`, size))
}

/** The same for those in trouble: their room is out of reach, or their verdict could not be carried out. */
export async function claimTroubled(db: Db, size: number): Promise<DueSession[]> {
  return execute(db, 'claimTroubled', claim(sql`lost_since IS NOT NULL`, size))
}

/** Gives a claimed session back, so that another look can claim it at once; false where it needs no look, or has another. */
export async function handBack(db: Db, session: { room_name: string; attempt: number }): Promise<boolean> {
  const update = sql`
    UPDATE voice_sessions SET wake_at = now()
    WHERE room_name = ${session.room_name} AND charged IS NULL AND attempt = ${session.attempt} AND end_reason IS NULL
    RETURNING 1`
  return (await execute(db, 'handBack', update)).length === 1
}

/** Sets the next look. */
export async function wake(db: Db, session: { room_name: string; attempt: number }, at: Date): Promise<void> {
  const update = sql`
    UPDATE voice_sessions SET wake_at = ${at}, lost_since = NULL
    WHERE room_name = ${session.room_name} AND status = 'active' AND attempt = ${session.attempt}
      AND end_reason IS NULL`
  await execute(db, 'wake', update)
}

/** Somebody left at that time of LiveKit's clock: the session is looked at soon after, which is at once where LiveKit noticed it late. */
export async function wakeAfterLeave(db: Db, roomName: string, leftAt: Date): Promise<void> {
  const update = sql`
    UPDATE voice_sessions
    SET wake_at = LEAST(wake_at, ${inDatabaseTime(leftAt)} + ${seconds(timings.leaveLookSeconds)})
    WHERE room_name = ${roomName} AND status = 'active'`
  await execute(db, 'wakeAfterLeave', update)
}

/**
 * The session is in trouble: LiveKit answers and names the room, but cannot reach it, because its node died; or the verdict
 * could not be carried out. For how many seconds this has been so.
 */
export async function markLost(db: Db, session: { room_name: string; attempt: number }): Promise<number | undefined> {
  const update = sql<{ seconds: number }>`
    UPDATE voice_sessions
    SET wake_at = now() + ${seconds(timings.lostLookSeconds)}, lost_since = LEAST(lost_since, now())
    WHERE room_name = ${session.room_name} AND status = 'active' AND attempt = ${session.attempt}
    RETURNING EXTRACT(EPOCH FROM now() - lost_since) AS seconds`
  return (await executeFirst(db, 'markLost', update))?.seconds
}
