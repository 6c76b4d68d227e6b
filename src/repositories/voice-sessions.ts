// Voice sessions, as they are read.
import { type ExpressionBuilder, sql } from 'kysely'
import { parseRoomName } from '../room-name.ts'
import type { Db, Tables } from './schema.ts'

const joinedAt = (kind: 'caller' | 'agent') => (expression: ExpressionBuilder<Tables, 'voice_sessions'>) =>
  expression
    .selectFrom('participants')
    .select(({ fn }) => fn.min('joined_at').as('joined_at'))
    .whereRef('participants.room_name', '=', 'voice_sessions.room_name')
    .where('kind', '=', kind)
    .as(`${kind}_joined_at`)

const sessions = (db: Db, organizationId: string) =>
  db
    .selectFrom('voice_sessions')
    .select(['room_name', 'agent_id', 'agent_name', 'user_id', 'status', 'created_at', 'ended_at', 'end_reason'])
    .select(['held', 'charged', 'seconds_billed'])
    .select([joinedAt('caller'), joinedAt('agent')])
    .where('organization_id', '=', organizationId)

/** The organization's session of that room name; undefined where it has none. */
export async function findSession(db: Db, roomName: string, organizationId: string) {
  if (!parseRoomName(roomName)) return undefined
  return sessions(db, organizationId).where('room_name', '=', roomName).executeTakeFirst()
}

export type Session = NonNullable<Awaited<ReturnType<typeof findSession>>>

export interface Page {
  status?: Session['status'] | undefined
  limit: number
  /** The last room name of the page before. */
  after?: string | undefined
}

/** The organization's sessions, newest first. */
export async function listSessions(db: Db, organizationId: string, { status, limit, after }: Page): Promise<Session[]> {
  return (
    sessions(db, organizationId)
      .$if(status !== undefined, (query) => query.where('status', '=', status as Session['status']))
      // What the index of the open sessions goes by; to PostgreSQL the one does not follow from the other.
      .$if(status !== undefined && status !== 'ended', (query) => query.where('charged', 'is', null))
      .$if(after !== undefined, (query) =>
        query.where(
          sql<boolean>`(created_at, room_name) < (
          SELECT created_at, room_name FROM voice_sessions
          WHERE room_name = ${after} AND organization_id = ${organizationId})`,
        ),
      )
      .orderBy('created_at', 'desc')
      .orderBy('room_name', 'desc')
      .limit(limit)
      .execute()
  )
}

/** Which organization a session belongs to, for the operator, who may see all. */
export async function findOrganizationOf(db: Db, roomName: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('voice_sessions')
    .select('organization_id')
    .where('room_name', '=', roomName)
    .executeTakeFirst()
  return row?.organization_id
}

export async function findStatus(db: Db, roomName: string): Promise<'creating' | 'active' | 'ended' | undefined> {
  const row = await db
    .selectFrom('voice_sessions')
    .select('status')
    .where('room_name', '=', roomName)
    .executeTakeFirst()
  return row?.status
}

/** The session that an Idempotency-Key belongs to. */
export async function findByIdempotencyKey(db: Db, organizationId: string, userId: string, key: string) {
  return db
    .selectFrom('voice_sessions')
    .select(['room_name', 'organization_id', 'user_id', 'agent_id', 'agent_name'])
    .select(['status', 'attempt', 'end_reason', 'created_at'])
    .select(sql<boolean>`wake_at > now()`.as('is_leased'))
    .select(sql<boolean>`COALESCE(charged > 0 AND ended_at > now() - interval '24 h', false)`.as('is_lately_charged'))
    .where('organization_id', '=', organizationId)
    .where('user_id', '=', userId)
    .where('idempotency_key', '=', key)
    .executeTakeFirst()
}

/** Room names of all active sessions. */
export async function listActiveRoomNames(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('voice_sessions')
    .select('room_name')
    .where('charged', 'is', null)
    .where('status', '=', 'active')
    .execute()
  return rows.map((row) => row.room_name)
}

/** Of these rooms, those that a session here is named after, and whether it has ended. */
export async function findRooms(db: Db, roomNames: string[]): Promise<{ room_name: string; has_ended: boolean }[]> {
  const { rows } = await sql<{ room_name: string; has_ended: boolean }>`
    SELECT room_name, status = 'ended' AS has_ended FROM voice_sessions
    WHERE room_name = ANY (${roomNames}::text[])`.execute(db)
  return rows
}

/** Room names of the open sessions that were created with a key. */
export async function listOpenRoomNames(db: Db, apiKeyId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('voice_sessions')
    .select('room_name')
    .where('api_key_id', '=', apiKeyId)
    .where('charged', 'is', null)
    .execute()
  return rows.map((row) => row.room_name)
}

/** Open sessions that nobody has looked at for a minute after their time had come: none, while a reaper runs. */
export async function countPastWake(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('voice_sessions')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('charged', 'is', null)
    .where('wake_at', '<', sql<Date>`now() - interval '60 s'`)
    .executeTakeFirstOrThrow()
  return count
}
