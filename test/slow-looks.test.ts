// Looks at a slow LiveKit, or with a slow database: no verdict is lost, and no session waits for a look that takes too long.
import { sql } from 'kysely'
import t from 'tap'
import { buildBehindProxies, type Proxied, until } from './helper.ts'
import { jsonAnswer } from './json-answer.ts'
import { participant } from './livekit-events.ts'

const wakeAll = ({ db }: Proxied) =>
  sql`UPDATE voice_sessions SET created_at = created_at - interval '2 min', wake_at = now()`.execute(db)

t.test(
  'with a LiveKit that takes three seconds for each call every session ends by the verdict of its first look',
  async (t) => {
    const service = await buildBehindProxies(t, { RATE_LIMIT_PER_MINUTE: '1000' })
    // More than twice as many as are looked at side by side: the last of them wait for two others, six seconds each.
    const size = 40
    for (let created = 0; created < size; created++) t.equal((await service.create()).status, 200)
    await service.livekit.set({ delayMilliseconds: 3000 })
    await wakeAll(service)
    const allEnded = async () => (await service.sessions()).every(({ status }) => status === 'ended')
    await until(allEnded, 150_000)
    for (const { end_reason } of await service.sessions()) t.equal(end_reason, 'agent_unavailable')
    t.equal(service.database.count('nameVerdictOfLook'), size, 'each by its first verdict')
  },
)

t.test('a session whose look takes too long is given to another, and the late one changes nothing then', async (t) => {
  const service = await buildBehindProxies(t)
  const { count } = service.database
  const name: string = (await service.create()).json.room_name
  // Fourteen facts of a second and a half each: five seconds after the look's time the reaper claims again.
  const facts = 14
  const answer = jsonAnswer({ participants: Array.from({ length: facts }, () => participant('agent', 1)) })
  service.livekit.when('ListParticipants', { answer })
  service.database.when('recordFact', { delayMilliseconds: 1500 }, facts)
  await sql`UPDATE voice_sessions SET wake_at = now() WHERE room_name = ${name}`.execute(service.db)
  const session = async () => {
    const { rows } = await sql`SELECT attempt, wake_at FROM voice_sessions WHERE room_name = ${name}`.execute(
      service.db,
    )
    return rows[0]
  }
  await until(async () => count('wake') === 1, 60_000)
  const decided = await session()
  t.match(decided, { attempt: 3 }, 'by a second look')
  t.equal(count('handBack'), 1)
  t.equal(count('recordGone'), 0, 'the first is not over')
  await until(async () => count('wake') === 2, 60_000)
  await until(async () => service.app.repositories.ping().then(() => true))
  t.strictSame(await session(), decided)
})
