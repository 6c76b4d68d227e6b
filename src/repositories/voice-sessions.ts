// The ledger: a session holds credits when it begins and is settled once when it ends. Every statement that touches both
// locks the organization first, then the session; no transaction is ever open while LiveKit is asked.
import { sql } from 'kysely'
import type { Db } from './schema.ts'

/** What a session is made of; `rate` is credits per started minute, and one minute of it is held at first. */
export interface NewSession {
  room_name: string
  organization_id: string
  api_key_id: string
  user_id: string
  agent_id: string
  agent_name: string
  rate: number
}

/**
 * Takes one minute's credits from the organization and opens the session, or does neither: undefined where the room
 * name is taken, the credits do not suffice or the organization has all the sessions it may have. The organization is
 * locked before the insert, because an insert that conflicts behind a debit would lose the debit.
 */
export async function holdMinute(db: Db, session: NewSession): Promise<{ created_at: Date } | undefined> {
  const { rows } = await sql<{ created_at: Date }>`
    WITH org AS MATERIALIZED (
      SELECT id FROM organizations
      WHERE id = ${session.organization_id} AND credits >= ${session.rate}::bigint AND open_sessions < max_sessions
      FOR NO KEY UPDATE
    ),
    s AS (
      INSERT INTO voice_sessions (room_name, organization_id, api_key_id, user_id, agent_id, agent_name, rate, held, wake_at)
      SELECT ${session.room_name}, id, ${session.api_key_id}::uuid, ${session.user_id}, ${session.agent_id}::uuid,
             ${session.agent_name}, ${session.rate}::bigint, ${session.rate}::bigint, now() + interval '20 s'
      FROM org ON CONFLICT DO NOTHING RETURNING organization_id, held, created_at
    )
    UPDATE organizations o SET credits = o.credits - s.held, open_sessions = o.open_sessions + 1
    FROM s WHERE o.id = s.organization_id RETURNING s.created_at`.execute(db)
  return rows[0]
}

export type HoldRefusal = 'name_taken' | 'too_many_sessions' | 'insufficient_credits' | 'none_any_more'

/** Why `holdMinute` came back empty, read anew. */
export async function findHoldRefusal(db: Db, session: NewSession): Promise<HoldRefusal> {
  const { rows } = await sql<{ refusal: HoldRefusal }>`
    SELECT CASE
      WHEN EXISTS (SELECT 1 FROM voice_sessions WHERE room_name = ${session.room_name}) THEN 'name_taken'
      WHEN open_sessions >= max_sessions THEN 'too_many_sessions'
      WHEN credits < ${session.rate}::bigint THEN 'insufficient_credits'
      ELSE 'none_any_more' END AS refusal
    FROM organizations WHERE id = ${session.organization_id}`.execute(db)
  return rows[0]?.refusal ?? 'insufficient_credits'
}

/** LiveKit has made the room: true where the session was still creating and in this attempt's hands. */
export async function activate(db: Db, roomName: string, attempt: number, roomSid: string): Promise<boolean> {
  const { rows } = await sql`
    UPDATE voice_sessions SET status = 'active', wake_at = now() + interval '15 s', room_sid = ${roomSid}
    WHERE room_name = ${roomName} AND status = 'creating' AND attempt = ${attempt} RETURNING 1`.execute(db)
  return rows.length === 1
}

export async function findStatus(db: Db, roomName: string): Promise<'creating' | 'active' | 'ended' | undefined> {
  const row = await db
    .selectFrom('voice_sessions')
    .select('status')
    .where('room_name', '=', roomName)
    .executeTakeFirst()
  return row?.status
}

export interface Settlement {
  end_reason: string
  /** Only while the session is still creating in this attempt's hands. */
  attempt: number
}

/**
 * Ends the session now, once, whoever comes first: charges the started minutes talked, at most what was held, and returns
 * the rest. The credits charged, or undefined where the session was not there to be ended.
 */
export async function settle(db: Db, roomName: string, settlement: Settlement): Promise<number | undefined> {
  const { rows } = await sql<{ charged: number }>`
    WITH org AS MATERIALIZED (
      SELECT o.id, COALESCE(v.ended_at, now()) AS until
      FROM organizations o JOIN voice_sessions v ON v.organization_id = o.id
      WHERE v.room_name = ${roomName} AND v.status <> 'ended' FOR NO KEY UPDATE OF o
    ),
    s AS (
      UPDATE voice_sessions v SET status = 'ended', ended_at = COALESCE(v.ended_at, now()),
             end_reason = COALESCE(v.end_reason, ${settlement.end_reason}), seconds_billed = CEIL(t.seconds),
             charged = LEAST(v.held, v.rate * CEIL(t.seconds / 60)::bigint)
      FROM org, talk_seconds(${roomName}, org.until, interval '60 s') AS t(seconds)
      WHERE v.room_name = ${roomName} AND v.organization_id = org.id
        AND v.status = 'creating' AND v.attempt = ${settlement.attempt}
      RETURNING v.organization_id, v.held, v.charged
    )
    UPDATE organizations o SET credits = o.credits + s.held - s.charged, open_sessions = o.open_sessions - 1
    FROM s WHERE o.id = s.organization_id RETURNING s.charged`.execute(db)
  return rows[0]?.charged
}

/** The organization's sessions, newest first. */
export async function listSessions(db: Db, organizationId: string) {
  return db
    .selectFrom('voice_sessions')
    .select(['room_name', 'agent_id', 'agent_name', 'user_id', 'status', 'rate', 'held', 'charged', 'seconds_billed'])
    .select(['created_at', 'ended_at', 'end_reason'])
    .where('organization_id', '=', organizationId)
    .orderBy('created_at', 'desc')
    .orderBy('room_name', 'desc')
    .execute()
}
