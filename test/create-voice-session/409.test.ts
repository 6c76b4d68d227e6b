// 409: an Idempotency-Key is refused while the first request with it has not finished.
import { sql } from 'kysely'
import t from 'tap'
import { build, buildBehindProxies, refused, until } from '../helper.ts'

const key = (value: string) => ({ 'idempotency-key': value })

t.test('409: the first request with the key has not finished', async (t) => {
  const service = await buildBehindProxies(t)
  await service.livekit.set({ delayMilliseconds: 1000 })
  const first = service.create(undefined, key('slow'))
  await until(async () => (await service.sessions()).length === 1)
  const second = await service.create(undefined, key('slow'))
  refused(t, second, 409, 'A request with this Idempotency-Key is still in progress', { 'retry-after': '1' })
  t.equal((await first).status, 200)
})

t.test('409: the session is being ended', async (t) => {
  const service = await build(t)
  const { json } = await service.create(undefined, key('one'))
  await sql`UPDATE voice_sessions SET end_reason = 'agent_left', ended_at = now()
    WHERE room_name = ${json.room_name}`.execute(service.db)
  const answer = await service.create(undefined, key('one'))
  refused(t, answer, 409, 'A request with this Idempotency-Key is still in progress', { 'retry-after': '1' })
})

t.test('409: the session is being ended before it was active', async (t) => {
  const service = await build(t)
  const { json } = await service.create(undefined, key('one'))
  await sql`UPDATE voice_sessions SET status = 'creating', wake_at = now() - interval '1 s', end_reason = 'ended_by_api',
    ended_at = now() WHERE room_name = ${json.room_name}`.execute(service.db)
  const answer = await service.create(undefined, key('one'))
  refused(t, answer, 409, 'A request with this Idempotency-Key is still in progress', { 'retry-after': '1' })
})
