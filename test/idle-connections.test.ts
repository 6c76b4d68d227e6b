// Connections that say nothing: those that load balancers open in advance, those that they keep, and those that they still
// use when the service has been told to stop.
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { build, environment, until } from './helper.ts'
import { startServer } from './processes.ts'
import { head, openWire } from './wire.ts'

const live = head('GET', '/livez')

t.test('a connection may be silent for a minute; its first request has ten seconds from its first byte', async (t) => {
  const { port } = await build(t)
  const [late, slow, silent] = await Promise.all([1, 2, 3].map(() => openWire(t, port)))
  if (!late || !slow || !silent) throw new Error('three connections')
  const openedAt = performance.now()
  const seconds = () => (performance.now() - openedAt) / 1000
  await setTimeout(15_000)
  late.send(live)
  slow.send(live.slice(0, 1))
  t.equal((await late.answer()).status, 200, 'after 15 s')
  late.send(live)
  t.equal((await late.answer()).status, 200, 'and it may go on')
  t.equal((await slow.answer()).status, 408)
  t.ok(seconds() > 24, `after ${seconds()} s`)
  t.equal(await silent.closed(), '', 'no answer to what was not asked')
  t.ok(seconds() > 59, `after ${seconds()} s`)
})

t.test('a connection that closes before it has said anything leaves nothing', async (t) => {
  const { app, port } = await build(t)
  const [half, whole] = await Promise.all([1, 2].map(() => openWire(t, port)))
  half?.end()
  whole?.reset()
  await until(async () => app.connections.sockets.size === 0)
})

t.test('KEEP_ALIVE_SECONDS: so long an idle connection is kept, and answers say so', async (t) => {
  const short = await build(t, { KEEP_ALIVE_SECONDS: '1' })
  const wire = await openWire(t, short.port)
  wire.send(live)
  t.equal((await wire.answer()).headers['keep-alive'], 'timeout=1')
  await wire.closed()
  const long = await build(t, { KEEP_ALIVE_SECONDS: '620' })
  t.equal((await long.request('/livez')).headers.get('keep-alive'), 'timeout=620')
  const usual = await build(t)
  t.equal((await usual.request('/livez')).headers.get('keep-alive'), 'timeout=72')
})

t.test(
  'DRAIN_SECONDS: after SIGTERM it is not ready at once, and serves for so long whoever still comes',
  async (t) => {
    const { organization } = await build(t)
    const drainSeconds = 5
    const server = await startServer(t, await environment({ LOG_LEVEL: 'info', DRAIN_SECONDS: String(drainSeconds) }))
    const kept = await openWire(t, server.port)
    kept.send(live)
    t.not((await kept.answer()).headers.connection, 'close')
    const signalledAt = performance.now()
    server.child.kill('SIGTERM')
    await until(async () => (await fetch(`${server.url}/readyz`)).status === 503)
    t.equal((await fetch(`${server.url}/livez`)).status, 200)
    const answer = await fetch(`${server.url}/v1/chat/voice-sessions`, {
      method: 'POST',
      headers: { 'x-api-key': organization.key, 'content-type': 'application/json' },
      body: JSON.stringify({ agent_id: organization.pipelineAgent }),
    })
    t.equal(answer.status, 200, 'on a new connection')
    kept.send(live)
    t.match(await kept.answer(), { status: 200, headers: { connection: 'close' } }, 'the last on one that was kept')
    t.match(await server.finished, { code: 0, stderr: '' })
    t.ok(performance.now() - signalledAt >= drainSeconds * 1000)
  },
)

t.test('a second signal ends it at once, and one that npm hands on as well does not count', async (t) => {
  const server = await startServer(t, await environment({ LOG_LEVEL: 'info', DRAIN_SECONDS: '60' }))
  server.child.kill('SIGINT')
  server.child.kill('SIGINT')
  await setTimeout(2000)
  t.equal(server.child.exitCode, null)
  server.child.kill('SIGTERM')
  t.match(await server.finished, { code: 1 })
})
