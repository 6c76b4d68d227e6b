// Voice sessions, as they are read.
import { type ExpressionBuilder, sql } from 'kysely'
import type { EndReason, Status } from '../lifecycle.ts'
import { parseRoomName } from '../room-name.ts'
import type { Db, Tables } from './schema.ts'
import { execute, executeFirst, seconds, time } from './statement.ts'
import { leased } from './transitions.ts'

/** A session that was charged is answered again to its Idempotency-Key for this time after its end: never a second bill. */
const replaySeconds = 24 * 60 * 60

/** A session with the times at which caller and agent first joined. */
export interface Session {
  room_name: string
  agent_id: string
  agent_name: string
  user_id: string
  status: Status
  created_at: Date
  caller_joined_at: Date | null
  agent_joined_at: Date | null
  /** Verdict: both are there from when it is named, before the session has ended. */
  ended_at: Date | null
  end_reason: EndReason | null
  /** Credits. */
  held: number
  /** Credits and seconds, once the session has ended. */
  charged: number | null
  seconds_billed: number | null
}

const firstJoin = (kind: 'caller' | 'agent') => (expression: ExpressionBuilder<Tables, 'voice_sessions'>) =>
  expression
    .selectFrom('participants')
    .select(time<Date | null>(sql`min(joined_at)`).as('joined_at'))
    .whereRef('participants.room_name', '=', 'voice_sessions.room_name')
    .where('kind', '=', kind)
    .as(`${kind}_joined_at`)

const sessionsOf = (db: Db, organizationId: string) =>
  db
    .selectFrom('voice_sessions')
    .select(['room_name', 'agent_id', 'agent_name', 'user_id', 'status', 'end_reason'])
    .select(['held', 'charged', 'seconds_billed'])
    .select([time('created_at').as('created_at'), time<Date | null>('ended_at').as('ended_at')])
    .select([firstJoin('caller'), firstJoin('agent')])
    .where('organization_id', '=', organizationId)

/** The organization's session of that room name; undefined where it has none. */
export async function findSession(db: Db, roomName: string, organizationId: string): Promise<Session | undefined> {
  if (!parseRoomName(roomName)) return undefined
  return executeFirst(db, 'findSession', sessionsOf(db, organizationId).where('room_name', '=', roomName))
}

export interface Page {
  status?: Status | undefined
  limit: number
  /** The last room name of the page before. */
  after?: string | undefined
}

/** The organization's sessions, newest first. */
export async function listSessions(db: Db, organizationId: string, { status, limit, after }: Page): Promise<Session[]> {
  let select = sessionsOf(db, organizationId)
    .orderBy('voice_sessions.created_at', 'desc')
    .orderBy('room_name', 'desc')
    .limit(limit)
  if (status !== undefined) select = select.where('status', '=', status)
  // PostgreSQL does not know that the one follows from the other; the index of the open sessions goes by `charged`.
  if (status !== undefined && status !== 'ended') select = select.where('charged', 'is', null)
  if (after !== undefined)
    select = select.where(
      sql<boolean>`(created_at, room_name) < (
        SELECT created_at, room_name FROM voice_sessions
        WHERE room_name = ${after} AND organization_id = ${organizationId})`,
    )
  return execute(db, 'listSessions', select)
}

/** Which organization a session belongs to, for whoever may see all. */
export async function findOrganizationOf(db: Db, roomName: string): Promise<string | undefined> {
  const select = db.selectFrom('voice_sessions').select('organization_id').where('room_name', '=', roomName)
  return (await executeFirst(db, 'findOrganizationOf', select))?.organization_id
}

export async function findStatus(db: Db, roomName: string): Promise<Status | undefined> {
  const select = db.selectFrom('voice_sessions').select('status').where('room_name', '=', roomName)
  return (await executeFirst(db, 'findStatus', select))?.status
}

/** The session that an Idempotency-Key belongs to. */
export async function findByIdempotencyKey(db: Db, organizationId: string, userId: string, key: string) {
  const select = db
    .selectFrom('voice_sessions')
    .select(['room_name', 'organization_id', 'user_id', 'agent_id', 'agent_name'])
    .select(['status', 'attempt', 'end_reason', time('created_at').as('created_at')])
    .select(leased.as('is_leased'))
    .select(
      sql<boolean>`COALESCE(charged > 0 AND ended_at > now() - ${seconds(replaySeconds)}, false)`.as(
        'is_lately_charged',
      ),
    )
    .where('organization_id', '=', organizationId)
    .where('user_id', '=', userId)
    .where('idempotency_key', '=', key)
  return executeFirst(db, 'findByIdempotencyKey', select)
}

/** Room names of the open sessions that were created with a key. */
export async function listOpenRoomNames(db: Db, apiKeyId: string): Promise<string[]> {
  const select = db.selectFrom('voice_sessions').select('room_name').where('charged', 'is', null)
  const rows = await execute(db, 'listOpenRoomNames', select.where('api_key_id', '=', apiKeyId))
  return rows.map((row) => row.room_name)
}
