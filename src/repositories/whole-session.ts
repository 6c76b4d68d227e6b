// One session with all that is stored of it, for the operator: its row, and the facts about who was in its room.
import { sql } from 'kysely'
import type { Db } from './schema.ts'
import { execute, executeFirst, time } from './statement.ts'

/** A moment that may not have come. */
const moment = <Column extends string>(column: Column) => time<Date | null>(column).as(column)

/** Everybody who was in the room, in the order in which they came. */
async function listFacts(db: Db, roomName: string) {
  const select = db
    .selectFrom('participants')
    .select(['sid', 'kind', 'identity', moment('connected_at'), moment('told_at'), moment('shown_at'), 'has_waited'])
    .select([time('joined_at').as('joined_at'), moment('left_at'), moment('broke_at'), time('seen_at').as('seen_at')])
    .where('room_name', '=', roomName)
  return execute(db, 'listFacts', select.orderBy('participants.joined_at').orderBy('sid'))
}

/** The session of that room name; undefined where there is none. The fingerprint is in hexadecimal digits. */
export async function findWholeSession(db: Db, roomName: string) {
  const select = db
    .selectFrom('voice_sessions')
    .select(['room_name', 'organization_id', 'api_key_id', 'user_id', 'user_identifier'])
    .select(['agent_id', 'agent_name', 'agent_version', 'worker_name', 'metadata', 'request_id', 'idempotency_key'])
    .select([
      sql<string | null>`encode(fingerprint, 'hex')`.as('fingerprint'),
      'status',
      time('created_at').as('created_at'),
    ])
    .select([moment('ended_at'), 'end_reason', moment('settled_at')])
    .select(['rate', 'max_call_minutes', 'held', 'seconds_billed', 'charged', 'refunded'])
    .select(['attempt', time('wake_at').as('wake_at'), 'room_sid', 'clock_offset_ms'])
    .select([moment('waiting_since'), moment('lost_since')])
    .where('room_name', '=', roomName)
  const session = await executeFirst(db, 'findWholeSession', select)
  return session && { ...session, participants: await listFacts(db, roomName) }
}
