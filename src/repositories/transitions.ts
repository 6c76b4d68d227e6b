// How a session moves on, short of its money: each statement is fenced by the state, and by the attempt in whose hands the
// session is, so that whoever was overtaken changes nothing.
import { sql } from 'kysely'
import type { Situation } from '../lifecycle.ts'
import type { Db } from './schema.ts'
import { together } from './together.ts'

/**
 * LiveKit has made the room: the session where the session was still creating and in this attempt's hands. The first look stays
 * when it was, and the row's indexes as they were, unless the room took so long that it would come too soon. Whoever has
 * the row just now is about to end it or to take it over; those who are activated with it do not wait for that.
 */
export const activate = together<{ room_name: string; attempt: number; room_sid: string }, { room_name: string }>(
  { room_name: 'text', attempt: 'int', room_sid: 'text' },
  (asked) => sql`
    WITH made AS MATERIALIZED (
      SELECT n, asked.room_sid, v.ctid FROM ${asked} JOIN voice_sessions v USING (room_name, attempt)
      WHERE v.status = 'creating' FOR NO KEY UPDATE OF v SKIP LOCKED
    )
    UPDATE voice_sessions v SET status = 'active', room_sid = made.room_sid,
      wake_at = CASE WHEN wake_at < now() + interval '12 s' THEN now() + interval '15 s' ELSE wake_at END
    FROM made WHERE v.ctid = made.ctid RETURNING n, v.room_name`,
)

/** Takes a creating session whose lease has run out into new hands; the new attempt, or undefined where another was faster. */
export async function takeOver(db: Db, roomName: string, attempt: number): Promise<number | undefined> {
  const { rows } = await sql<{ attempt: number }>`
    UPDATE voice_sessions SET attempt = attempt + 1, wake_at = now() + interval '15 s'
    WHERE room_name = ${roomName} AND status = 'creating' AND attempt = ${attempt} AND wake_at < now()
    RETURNING attempt`.execute(db)
  return rows[0]?.attempt
}

/** Lets an ended session's Idempotency-Key begin anew. */
export async function freeIdempotencyKey(db: Db, roomName: string): Promise<void> {
  await sql`UPDATE voice_sessions SET idempotency_key = NULL WHERE room_name = ${roomName} AND status = 'ended'`.execute(
    db,
  )
}

export interface DueSession {
  room_name: string
  organization_id: string
  status: 'creating' | 'active'
  attempt: number
  end_reason: string | null
  /** The database's time of the claim. */
  now: Date
}

/** Takes sessions whose time has come into these hands for 30 s, at most `size`; no two replicas claim the same. */
export async function claimDue(db: Db, size: number): Promise<DueSession[]> {
  const { rows } = await sql<DueSession>`
    WITH due AS MATERIALIZED (
      SELECT room_name FROM voice_sessions WHERE charged IS NULL AND wake_at < now()
      ORDER BY wake_at LIMIT ${size} FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE voice_sessions v SET attempt = v.attempt + 1, wake_at = now() + interval '30 s'
    FROM due WHERE v.room_name = due.room_name
    RETURNING v.room_name, v.organization_id, v.status, v.attempt, v.end_reason, now() AS now`.execute(db)
  return rows
}

/** All that `nextStep` decides from, read in one snapshot. */
export async function findSituation(db: Db, roomName: string): Promise<Situation | undefined> {
  const { rows } = await sql<Situation>`
    SELECT now() AS now, v.created_at, v.rate, v.held, o.credits,
           talk_seconds(v.room_name, now(), interval '60 s')::float AS talk_seconds,
           min(p.joined_at) FILTER (WHERE p.kind = 'caller' AND p.left_at IS NULL) AS caller_since,
           COALESCE(bool_or(p.kind = 'agent' AND p.left_at IS NULL), false) AS agent_present,
           max(p.left_at) FILTER (WHERE p.kind = 'agent') AS agent_left_at,
           count(p.sid) > 0 AS has_facts
    FROM voice_sessions v JOIN organizations o ON o.id = v.organization_id
    LEFT JOIN participants p ON p.room_name = v.room_name
    WHERE v.room_name = ${roomName} AND v.status = 'active' GROUP BY v.room_name, o.id`.execute(db)
  return rows[0]
}

/** Sets the next look. */
export async function wake(db: Db, session: { room_name: string; attempt: number }, at: Date): Promise<void> {
  await sql`
    UPDATE voice_sessions SET wake_at = ${at}, lost_since = NULL
    WHERE room_name = ${session.room_name} AND status = 'active' AND attempt = ${session.attempt}
      AND end_reason IS NULL`.execute(db)
}

/** Somebody left: look 15 s after that, which is at once where LiveKit noticed it late. */
export async function wakeSoon(db: Db, roomName: string, leftAt: Date): Promise<void> {
  await sql`
    UPDATE voice_sessions SET wake_at = LEAST(wake_at, LEAST(${leftAt}::timestamptz, now()) + interval '15 s')
    WHERE room_name = ${roomName} AND status = 'active'`.execute(db)
}

/** LiveKit answers and names the room, but cannot reach it: its node died. For how many seconds this has been so. */
export async function markLost(db: Db, session: { room_name: string; attempt: number }): Promise<number | undefined> {
  const { rows } = await sql<{ seconds: number }>`
    UPDATE voice_sessions SET wake_at = now() + interval '10 s', lost_since = COALESCE(lost_since, now())
    WHERE room_name = ${session.room_name} AND status = 'active' AND attempt = ${session.attempt}
    RETURNING EXTRACT(EPOCH FROM now() - lost_since)::float AS seconds`.execute(db)
  return rows[0]?.seconds
}

/**
 * The verdict, before the room is deleted, or LiveKit's own webhook would settle first under another reason; billing stops
 * here. False where there was one already. With an attempt (the reaper's) only while that look is fresh and, for the
 * reasons that name the agent, while no agent has come meanwhile.
 */
export async function nameVerdict(
  db: Db,
  roomName: string,
  endReason: string,
  attempt: number | null,
): Promise<boolean> {
  const { rows } = await sql`
    UPDATE voice_sessions SET end_reason = ${endReason}, ended_at = now(), wake_at = now() + interval '10 s'
    WHERE room_name = ${roomName} AND status = 'active' AND end_reason IS NULL AND (${attempt}::int IS NULL OR (
      attempt = ${attempt} AND wake_at > now() + interval '20 s' AND NOT (${endReason} LIKE 'agent%' AND EXISTS (
        SELECT 1 FROM participants p WHERE p.room_name = ${roomName} AND p.kind = 'agent' AND p.left_at IS NULL))))
    RETURNING 1`.execute(db)
  return rows.length === 1
}
