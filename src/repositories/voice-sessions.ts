// Voice sessions, as they are read.
import { type ExpressionBuilder, sql } from 'kysely'
import type { EndReason, Status } from '../lifecycle.ts'
import { parseRoomName } from '../room-name.ts'
import { uuidPattern } from './agents.ts'
import type { Db, Tables } from './schema.ts'
import { createdAtMicroseconds, isAfter, type Place } from './session-place.ts'
import { execute, executeFirst, time } from './statement.ts'

/** A session with the times at which caller and agent first joined. */
export interface Session {
  room_name: string
  agent_id: string
  agent_name: string
  agent_version: number | null
  user_id: string
  user_identifier: string | null
  metadata: Record<string, string> | null
  status: Status
  created_at: Date
  caller_joined_at: Date | null
  agent_joined_at: Date | null
  /** Verdict: both are there from when it is named, before the session has ended. */
  ended_at: Date | null
  end_reason: EndReason | null
  /** Credits for each started minute. */
  rate: number
  /** Credits. */
  held: number
  /** Credits and seconds, once the session has ended. */
  charged: number | null
  seconds_billed: number | null
  /** Credits of `charged` that were given back. */
  refunded: number
  /** The X-Request-Id of the create. */
  request_id: string | null
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
    .select(['room_name', 'agent_id', 'agent_name', 'agent_version', 'user_id', 'user_identifier', 'metadata'])
    .select(['status', 'end_reason', 'rate', 'held', 'charged', 'seconds_billed', 'refunded', 'request_id'])
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
  agent_id?: string | undefined
  user_identifier?: string | undefined
  /** Inclusive. */
  created_after?: Date | undefined
  /** Exclusive. */
  created_before?: Date | undefined
  limit: number
  /** The last of the page before. */
  after?: Place | undefined
}

/** The organization's sessions, newest first, each with its place. */
export async function listSessions(db: Db, organizationId: string, page: Page): Promise<(Session & Place)[]> {
  const { status, agent_id, user_identifier, created_after, created_before, limit, after } = page
  // What PostgreSQL cannot take no session has.
  if (agent_id !== undefined && !uuidPattern.test(agent_id)) return []
  if (user_identifier?.includes('\0')) return []
  let select = sessionsOf(db, organizationId)
    .select(createdAtMicroseconds.as('created_at_us'))
    .orderBy('voice_sessions.created_at', 'desc')
    .orderBy('room_name', 'desc')
    .limit(limit)
  if (status !== undefined) select = select.where('status', '=', status)
  // PostgreSQL does not know that the one follows from the other; the index of the open sessions goes by `charged`.
  if (status !== undefined && status !== 'ended') select = select.where('charged', 'is', null)
  if (agent_id !== undefined) select = select.where('agent_id', '=', agent_id)
  if (user_identifier !== undefined) select = select.where('user_identifier', '=', user_identifier)
  if (created_after) select = select.where(sql<boolean>`created_at >= ${created_after}`)
  // One of the two bounds is enough. With both, PostgreSQL begins at the wrong one, and reads all pages before.
  if (after && !(created_before && created_before.getTime() * 1000 <= after.created_at_us))
    select = select.where(isAfter(after))
  else if (created_before) select = select.where(sql<boolean>`created_at < ${created_before}`)
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

/** Room names of the open sessions that were created with a key, or with any key of an organization. */
export async function listOpenRoomNames(
  db: Db,
  of: { api_key_id: string } | { organization_id: string },
): Promise<string[]> {
  const select = db.selectFrom('voice_sessions').select('room_name').where('charged', 'is', null)
  const rows = await execute(
    db,
    'listOpenRoomNames',
    select.where((expression) => expression.and(of)),
  )
  return rows.map((row) => row.room_name)
}
