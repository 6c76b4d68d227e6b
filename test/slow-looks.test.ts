// Looks at a slow LiveKit, or with a slow database: no verdict is lost, and no session waits for a look that takes too long.
import { sql } from 'kysely'
import t from 'tap'
import { participant } from './events.ts'
import { buildBehindProxies, type Proxied, until } from './helper.ts'

const wakeAll = ({ db }: Proxied) =>
  sql`UPDATE voice_sessions SET created_at = created_at - interval '2 min', wake_at = now()`.execute(db)

const attempts = async ({ db }: Proxied) => {
  const { rows } = await sql<{ attempt: number }>`SELECT DISTINCT attempt FROM voice_sessions`.execute(db)
  return rows.map(({ attempt }) => attempt)
}

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
    t.strictSame(await attempts(service), [2], 'each was claimed once')
  },
)

t.test('a session whose look takes too long is handed back at once, and the late look changes nothing', async (t) => {
  const service = await buildBehindProxies(t)
  const name: string = (await service.create()).json.room_name
  const body = JSON.stringify({ participants: Array.from({ length: 8 }, () => participant('agent', 1)) })
  const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`
  service.livekit.when('ListParticipants', { answer: `${head}\r\nConnection: close\r\n\r\n${body}` })
  // Each of eight facts takes so long, and none fails.
  service.database.when('recordFact', { delayMilliseconds: 1500 }, 8)
  await sql`UPDATE voice_sessions SET wake_at = now()`.execute(service.db)
  const { rows } = await until(async () => {
    const handedBack = await sql<{ is_due: boolean; attempt: number }>`
      SELECT wake_at <= now() AS is_due, attempt FROM voice_sessions
      WHERE room_name = ${name} AND attempt > 2`.execute(service.db)
    return handedBack.rows.length > 0 && handedBack
  }, 60_000)
  t.match(rows, [{ is_due: true, attempt: 3 }])
})
