// Sessions that have ended and were charged, as the tests of what comes after need them.
import { sql } from 'kysely'
import { settle } from '../src/repositories/ledger.ts'
import { type Service, talked, until } from './helper.ts'

/** A session of the service that has ended, having talked for some seconds. A busy machine may refuse it at first. */
export async function chargedSession(service: Service): Promise<string> {
  const room: string = await until(async () => (await service.create()).json.room_name)
  await talked(service.db, room)
  const since = sql`now() - interval '5 s'`
  await sql`UPDATE voice_sessions SET created_at = ${since} WHERE room_name = ${room}`.execute(service.db)
  await sql`UPDATE participants SET joined_at = ${since}, seen_at = now() WHERE room_name = ${room}`.execute(service.db)
  await settle(service.db, room, { end_reason: 'caller_left', until: 'now' })
  return room
}
