// Probes: /livez depends on nothing, /readyz on the database alone and for a second at a time.
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { build, buildBehindProxies, refused, until } from './helper.ts'
import { head, openWire } from './wire.ts'

t.test('/livez and /readyz answer 200 to a service that can do its work', async (t) => {
  const { request } = await build(t)
  const live = await request('/livez')
  t.equal(live.status, 200)
  t.equal(live.text, '{"status":"live"}')
  const ready = await request('/readyz')
  t.equal(ready.status, 200)
  t.equal(ready.text, '{"status":"ready"}')
  t.equal(ready.headers.get('cache-control'), 'no-store')
})

t.test('503: /readyz says so while the database is down, and again when it is back; /livez stays 200', async (t) => {
  const { request, database } = await buildBehindProxies(t)
  t.equal((await request('/readyz')).status, 200)
  for (const fault of ['refuse', 'hang'] as const) {
    await database.set(fault)
    const answer = await until(async () => {
      const answer = await request('/readyz')
      return answer.status !== 200 && answer
    })
    refused(t, answer, 503, 'Service temporarily unavailable', { 'retry-after': '1' })
    t.equal((await request('/livez')).status, 200)
    await database.set('pass')
    await until(async () => (await request('/readyz')).status === 200)
  }
})

t.test('the database is asked once a second at most, however often the probe is', async (t) => {
  const { request, database } = await buildBehindProxies(t)
  const startedAt = performance.now()
  const answers = await Promise.all(Array.from({ length: 50 }, () => request('/readyz')))
  for (let n = 0; n < 20; n++) answers.push(await request('/readyz'))
  t.ok(answers.every(({ status }) => status === 200))
  const seconds = Math.ceil((performance.now() - startedAt) / 1000)
  t.ok(database.count('ping') <= seconds, `${database.count('ping')} times in ${seconds} s`)
  t.ok(database.count('ping') >= 1)

  const before = database.count('ping')
  await setTimeout(1100)
  await request('/readyz')
  t.equal(database.count('ping'), before + 1, 'and asked again after it')
})

t.test('LiveKit is not part of readiness', async (t) => {
  const { request, create, livekit } = await buildBehindProxies(t)
  await livekit.set('refuse')
  t.equal((await create()).status, 500, 'LiveKit is down')
  t.equal((await request('/readyz')).status, 200)
})

t.test('503: /readyz is false from the moment the service closes, /livez true to the end', async (t) => {
  const { app, port } = await build(t)
  const ready = await openWire(t, port)
  const live = await openWire(t, port)
  ready.send(head('GET', '/readyz').slice(0, -2))
  live.send(head('GET', '/livez').slice(0, -2))
  // The service knows of the connections once it has answered on one that came after them.
  await fetch(`http://127.0.0.1:${port}/livez`)

  const closed = app.close()
  ready.send('\r\n')
  live.send('\r\n')
  t.match(await ready.answer(), { status: 503, body: '{"detail":"Service temporarily unavailable"}' })
  t.match(await live.answer(), { status: 200, body: '{"status":"live"}' })
  await closed
})
