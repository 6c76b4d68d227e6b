// What a look asks and sets: which sessions are due, what the facts say about one, and when it is looked at next. Whoever was
// overtaken changes nothing: the statements name the attempt of the look.
import { type RawBuilder, sql } from 'kysely'
import type { EndReason } from '../lifecycle.ts'
import type { Situation } from '../next-step.ts'
import * as timings from '../timings.ts'
import type { Db } from './schema.ts'
import { execute, executeFirst, seconds } from './statement.ts'
import { webhooksArrive } from './webhook-arrival.ts'

/** A session whose time has come. It belongs to the look that claimed it. */
export interface DueSession {
  room_name: string
  organization_id: string
  user_id: string
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
  RETURNING v.room_name, v.organization_id, v.user_id, v.status, v.attempt, v.end_reason, v.waiting_since, now() AS now`

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

/** All that `nextStep` decides from, read in one snapshot. */
export async function findSituation(db: Db, roomName: string): Promise<Situation | undefined> {
  const select = sql<Situation>`
    SELECT now() AS now, v.created_at, v.rate, v.held, o.credits,
           talk_seconds(v.room_name, now(), ${seconds(timings.unseenSeconds)})::float AS talk_seconds,
           facts.caller_since, facts.agent_present, facts.agent_left_at, facts.has_facts, facts.caller_known,
           CASE WHEN v.waiting_since IS NOT NULL THEN GREATEST(v.waiting_since, facts.caller_left_at) END AS waiting_since,
           ${webhooksArrive} AS webhooks_arrive
    FROM voice_sessions v JOIN organizations o ON o.id = v.organization_id, LATERAL (
      SELECT count(*) > 0 AS has_facts, count(*) FILTER (WHERE kind = 'caller') > 0 AS caller_known,
             min(joined_at) FILTER (WHERE kind = 'caller' AND left_at IS NULL) AS caller_since,
             max(gone_at) FILTER (WHERE kind = 'caller') AS caller_left_at,
             COALESCE(bool_or(kind = 'agent' AND left_at IS NULL), false) AS agent_present,
             max(gone_at) FILTER (WHERE kind = 'agent') AS agent_left_at
      FROM (
        SELECT kind, joined_at, left_at,
               gone_at(joined_at, left_at, broke_at, max(joined_at) OVER (PARTITION BY kind)) AS gone_at
        FROM participants WHERE room_name = v.room_name
      ) AS p
    ) AS facts
    WHERE v.room_name = ${roomName} AND v.status = 'active'`
  return executeFirst(db, 'findSituation', select)
}

/**
 * What a look saw of those who are connected while no caller is present: since when the first of them has been, in LiveKit's
 * time, counted from the first look that saw one; or, with null, that a caller is present.
 */
export async function recordWaiting(db: Db, roomName: string, connectedAt: Date | null): Promise<void> {
  const update = sql`
    UPDATE voice_sessions
    SET waiting_since = LEAST(${connectedAt}::timestamptz - clock_offset_ms * interval '1 ms',
                              CASE WHEN ${connectedAt}::timestamptz IS NOT NULL THEN now() END)
    WHERE room_name = ${roomName} AND charged IS NULL`
  await execute(db, 'recordWaiting', update)
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
    SET wake_at = LEAST(wake_at, LEAST(${leftAt}::timestamptz - clock_offset_ms * interval '1 ms', now()) + ${seconds(timings.leaveLookSeconds)})
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
    RETURNING EXTRACT(EPOCH FROM now() - lost_since)::float AS seconds`
  return (await executeFirst(db, 'markLost', update))?.seconds
}
