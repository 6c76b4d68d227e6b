// LiveKit's clock is not PostgreSQL's.
import { sql } from 'kysely'
import t from 'tap'
import { buildBehindProxies } from './helper.ts'
import { jsonAnswer } from './json-answer.ts'
import { participant, seconds } from './livekit-events.ts'
import { tell } from './presence.ts'
import { withSession } from './with-session.ts'

for (const ahead of [-95, -40, 40, 95])
  t.test(`LiveKit’s clock is ${ahead} s ahead of PostgreSQL’s`, async (t) => {
    const told = await withSession(t, 100)
    await sql`UPDATE voice_sessions SET clock_offset_ms = ${ahead * 1000}`.execute(told.service.db)
    const agent = participant('agent', 90 - ahead)
    const caller = participant('caller', 80 - ahead)
    await tell(told, 'participant_joined', agent, 90 - ahead)
    await tell(told, 'participant_joined', caller, 80 - ahead)
    await tell(told, 'participant_left', caller, 10 - ahead)
    await tell(told, 'participant_left', agent, -ahead)
    await told.send('room_finished', { createdAt: seconds(-ahead) })
    const { seconds_billed, ended_at } = await told.session()
    t.ok(Math.abs(seconds_billed - 70) <= 1, `${seconds_billed} s`)
    t.ok(Math.abs(Date.now() - Date.parse(ended_at) - 10_000) < 3000, ended_at)
  })

for (const ahead of [-40_000, 0, 40_000])
  t.test(`a room that LiveKit made ${ahead} ms off shows how far the clocks are apart`, async (t) => {
    const service = await buildBehindProxies(t)
    const answer = (request: string) => {
      const name = /"name":"([^"]+)"/.exec(request)?.[1]
      return jsonAnswer({ name, sid: 'RM_1', creation_time_ms: String(Date.now() + ahead) })
    }
    service.livekit.when('CreateRoom', { answer })
    const { json } = await service.create()
    const { rows } = await sql<{ clock_offset_ms: number }>`
      SELECT clock_offset_ms FROM voice_sessions WHERE room_name = ${json.room_name}`.execute(service.db)
    const offset = Number(rows[0]?.clock_offset_ms)
    t.ok(Math.abs(offset - ahead) < 3000, `${offset} ms`)
    if (ahead === 0) t.equal(offset, 0, 'between hold and activation no difference shows')
  })
