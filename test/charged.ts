// Sessions that have ended and were charged, as the tests of what comes after need them.
import { sql } from 'kysely'
import { settle } from '../src/repositories/ledger.ts'
import { type Service, talked } from './helper.ts'

/** A session of the service that has ended, having talked for so many seconds. */
export async function chargedSession(service: Service, seconds = 5): Promise<string> {
  const { json } = await service.create()
  const room: string = json.room_name
  await talked(service.db, room)
  const since = sql`now() - ${seconds} * interval '1 s'`
  await sql`UPDATE voice_sessions SET created_at = ${since} WHERE room_name = ${room}`.execute(service.db)
  await sql`UPDATE participants SET joined_at = ${since}, seen_at = now() WHERE room_name = ${room}`.execute(service.db)
  await settle(service.db, room, { end_reason: 'caller_left', until: 'now' })
  return room
}
