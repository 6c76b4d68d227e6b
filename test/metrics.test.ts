// Metrics: on a port of their own, never on the public one.
import { Gauge } from 'prom-client'
import t from 'tap'
import { freeTcpPort } from '../demo/ports.ts'
import { buildApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { createAudit } from '../src/plugins/metrics/gauges.ts'
import { build, buildBehindProxies, environment, refused, until } from './helper.ts'
import { createDatabaseFrom, query, startServer } from './processes.ts'

t.test('/metrics answers on METRICS_PORT, and is unknown on the main port', async (t) => {
  const port = await freeTcpPort()
  const service = await build(t, { METRICS_PORT: String(port) })
  await service.create(undefined, {}, '')
  await service.request('/livez')
  await service.request(`/v1/${service.organization.key}`)

  const answer = await fetch(`http://127.0.0.1:${port}/metrics`)
  t.equal(answer.status, 200)
  t.match(answer.headers.get('content-type'), /^text\/plain; version=0\.0\.4/)
  const text = await answer.text()
  const counted = (labels: string) => `http_request_duration_seconds_count{${labels}} 1\n`
  t.match(text, counted('method="POST",route="/v1/chat/voice-sessions",status="401"'))
  t.match(text, counted('method="GET",route="/livez",status="200"'))
  t.match(text, counted('method="GET",route="",status="404"'), 'unknown paths share one label')
  t.match(text, /^process_cpu_seconds_total /m, 'those of the process')
  t.match(text, /^nodejs_eventloop_lag_seconds /m)
  t.notMatch(text, /tk_live_/, 'no key')

  refused(t, await service.request('/metrics'), 404, 'Not found')
})

t.test('the books are read once a minute, and what the database cannot tell is NaN', async (t) => {
  const port = await freeTcpPort()
  const service = await buildBehindProxies(t, { METRICS_PORT: String(port) })
  const scrape = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const audits = () => service.database.count('findDifferences')
  await until(async () => /^credit_difference 0$/m.test(await scrape()))
  t.match(await scrape(), /^sessions_past_wake 0$/m)
  t.equal(audits(), 1, 'however often somebody asks')
  const createGauge = (name: string) => new Gauge({ name, help: name, registers: [] })
  const gauges = { creditDifference: createGauge('credits'), eventsMissing: createGauge('events') }
  const audit = createAudit(service.app, gauges)
  const difference = async () => (await gauges.creditDifference.get()).values[0]?.value
  await audit()
  t.equal(await difference(), 0)
  await service.database.set('refuse')
  await t.rejects(audit())
  t.ok(Number.isNaN(await difference()), 'not what it was')
  t.match((await gauges.eventsMissing.get()).values, [{ value: Number.NaN }])
  const text = await scrape()
  for (const name of ['sessions_past_wake', 'webhook_oldest_pending_seconds', 'webhook_endpoints_disabled'])
    t.match(text, new RegExp(`^${name} Nan$`, 'm'))
  t.match(text, /^credits_held_total 0$/m, 'the others are there')
})

for (const [change, shown] of [
  ['ALTER TABLE credit_grants RENAME amount TO secret', /^credit_difference Nan$[\s\S]*^events_missing 0$/m],
  ['ALTER TABLE events RENAME room_name TO secret', /^credit_difference 0$[\s\S]*^events_missing Nan$/m],
] as const)
  t.test(`what could not be read is not said to be right, and the other is shown: ${change}`, async (t) => {
    const METRICS_PORT = String(await freeTcpPort())
    const DATABASE_URL = await createDatabaseFrom(t, 'template')
    await query(change, [], DATABASE_URL)
    const server = await startServer(t, await environment({ DATABASE_URL, METRICS_PORT, LOG_LEVEL: 'info' }))
    await until(async () => server.stdout().includes('audit: round failed'))
    t.match(await (await fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`)).text(), shown)
    server.child.kill('SIGTERM')
    await server.finished
  })

t.test('the metrics port answers probes as the main port does, and knows nothing else', async (t) => {
  const port = await freeTcpPort()
  const { request } = await build(t, { METRICS_PORT: String(port) })
  const ask = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${port}${path}`, { method })
  for (const path of ['/livez', '/readyz', '/livez?x=1']) {
    const answer = await ask(path)
    t.equal(answer.status, 200, path)
    t.equal(await answer.text(), (await request(path)).text)
    t.equal((await ask(path, 'HEAD')).status, 200, path)
    t.equal((await ask(path, 'POST')).status, 405, path)
  }
  for (const path of ['/', '/docs', '/openapi.json', '/v1/chat/voice-sessions', '/metrics/x', '/livez/', '//livez'])
    t.equal((await ask(path)).status, 404, path)
})

t.test('503: /readyz on the metrics port says so while the database is down', async (t) => {
  const port = await freeTcpPort()
  const { database } = await buildBehindProxies(t, { METRICS_PORT: String(port) })
  await database.set('refuse')
  t.ok(await until(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 503))
  t.equal((await fetch(`http://127.0.0.1:${port}/livez`)).status, 200)
})

t.test('/metrics answers HEAD, and whatever the query is; other methods are refused', async (t) => {
  const port = await freeTcpPort()
  await build(t, { METRICS_PORT: String(port) })
  const ask = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${port}${path}`, { method })
  for (const query of ['?x=1', '?', '?name[]=up&%zz', '?/metrics']) {
    const answer = await ask(`/metrics${query}`)
    t.equal(answer.status, 200, query)
    t.match(await answer.text(), /^process_cpu_seconds_total /m, query)
  }
  const answer = await ask('/metrics', 'HEAD')
  t.equal(answer.status, 200)
  t.match(answer.headers.get('content-type'), /^text\/plain; version=0\.0\.4/)
  t.equal(await answer.text(), '')
  t.equal((await ask('/nowhere?/metrics')).status, 404)
  for (const method of ['POST', 'DELETE', 'OPTIONS']) {
    const answer = await ask('/metrics', method)
    t.equal(answer.status, 405, method)
    t.equal(answer.headers.get('allow'), 'GET, HEAD')
  }
})

t.test('METRICS_PORT=0 serves none, and the port is free again once the service has closed', async (t) => {
  const port = await freeTcpPort()
  const withMetrics = await buildApp(loadConfig(await environment({ METRICS_PORT: String(port) })))
  await withMetrics.close()
  const app = await buildApp(loadConfig(await environment({ METRICS_PORT: '0' })))
  t.teardown(() => app.close())
  await t.rejects(fetch(`http://127.0.0.1:${port}/metrics`))
})

t.test('a metrics port that is taken keeps the service from being built', async (t) => {
  const port = await freeTcpPort()
  await build(t, { METRICS_PORT: String(port) })
  const second = buildApp(loadConfig(await environment({ METRICS_PORT: String(port) })))
  await t.rejects(second, { message: /^METRICS_HOST and METRICS_PORT cannot be listened on: .*EADDRINUSE/ })
})
