// Metrics: on a port of their own, never on the public one.
import t from 'tap'
import { buildApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { build, buildBehindProxies, environment, refused } from './helper.ts'
import { freePort } from './processes.ts'

t.test('/metrics answers on METRICS_PORT, and is unknown on the main port', async (t) => {
  const port = await freePort()
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

t.test('the books are read at most once a minute, and without the database there are no metrics', async (t) => {
  const port = await freePort()
  const service = await buildBehindProxies(t, { METRICS_PORT: String(port) })
  const scrape = () => fetch(`http://127.0.0.1:${port}/metrics`)
  const audits = () => service.database.seen.filter((text) => text.includes('credit_difference')).length
  for (const status of [200, 200]) t.equal((await scrape()).status, status)
  t.equal(audits(), 1)
  await service.database.set('refuse')
  t.equal((await scrape()).status, 503)
  await service.database.set('pass')
  const text = await (await scrape()).text()
  t.match(text, /^credit_difference 0$/m)
  t.match(text, /^sessions_past_wake 0$/m)
})

t.test('the metrics port knows nothing else', async (t) => {
  const port = await freePort()
  await build(t, { METRICS_PORT: String(port) })
  for (const path of ['/', '/livez', '/v1/chat/voice-sessions', '/metrics/x']) {
    t.equal((await fetch(`http://127.0.0.1:${port}${path}`)).status, 404, path)
  }
})

t.test('METRICS_PORT=0 serves none, and the port is free again once the service has closed', async (t) => {
  const port = await freePort()
  const withMetrics = await buildApp(loadConfig(await environment({ METRICS_PORT: String(port) })))
  await withMetrics.close()
  const app = await buildApp(loadConfig(await environment({ METRICS_PORT: '0' })))
  t.teardown(() => app.close())
  await t.rejects(fetch(`http://127.0.0.1:${port}/metrics`))
})

t.test('a metrics port that is taken keeps the service from being built', async (t) => {
  const port = await freePort()
  await build(t, { METRICS_PORT: String(port) })
  const second = buildApp(loadConfig(await environment({ METRICS_PORT: String(port) })))
  await t.rejects(second, { message: /^METRICS_HOST and METRICS_PORT cannot be listened on: .*EADDRINUSE/ })
})
