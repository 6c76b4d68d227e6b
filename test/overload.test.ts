// While the event loop is blocked the service refuses requests at once with 503; its probes and its 404s still answer.
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { build, refused, type Service, until } from './helper.ts'

/** Occupies the event loop of the service, which is this process's own, for so many of its looks at itself. */
async function jam(looks: number): Promise<void> {
  for (let look = 0; look < looks; look++) {
    const end = performance.now() + 1200
    while (performance.now() < end);
    await setTimeout(0)
  }
}

/** What `ask` resolved with while the service refused for overload: it did so before and after. */
function whileJammed<T>(service: Service, ask: () => Promise<T>): Promise<T> {
  const isRefusing = async () => (await service.post('{}')).status === 503
  return until(async () => {
    await jam(2)
    const answer = (await isRefusing()) && { value: await ask() }
    return answer && (await isRefusing()) && answer
  }, 90_000).then(({ value }) => value)
}

t.test('503: a jammed service refuses before it looks at the key, and creates nothing', async (t) => {
  const service = await build(t)
  const [before, good, bad, after] = await whileJammed(service, async () => [
    await service.sessions(),
    await service.create(),
    await service.create(undefined, {}, 'tk_live_wrong'),
    await service.sessions(),
  ])
  for (const answer of [good, bad]) refused(t, answer, 503, 'Service temporarily unavailable', { 'retry-after': '1' })
  t.same(after, before)
})

t.test('200, 404, 405: while the service is jammed its probes answer, and unknown routes are unknown', async (t) => {
  const service = await build(t)
  const [live, ready, unknown, notAllowed] = await whileJammed(service, async () => [
    await service.request('/livez'),
    await service.request('/readyz'),
    await service.request('/nowhere'),
    await service.request('/v1/chat/voice-sessions', { method: 'PATCH' }),
  ])
  t.equal(live.status, 200)
  t.equal(ready.status, 200)
  refused(t, unknown, 404, 'Not found')
  refused(t, notAllowed, 405, 'Method not allowed', { allow: 'GET, POST' })
})

t.test('200: the service does not mistake its own start for overload', async (t) => {
  const service = await build(t)
  await jam(1)
  t.equal((await service.create()).status, 200)
})

t.test('200: once the event loop is free again, so is the service', async (t) => {
  const service = await build(t)
  t.equal(await whileJammed(service, async () => (await service.create()).status), 503)
  await until(async () => (await service.create()).status === 200)
  t.equal((await service.create()).status, 200)
})
