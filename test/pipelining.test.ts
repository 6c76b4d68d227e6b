// One connection never holds more than one answer, and whoever reads none is cut off: whatever a caller sends ahead, and
// whatever is asked for, the service goes on.
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { freeTcpPort } from '../demo/ports.ts'
import { fillPage } from './full-page.ts'
import { build, environment, until } from './helper.ts'
import { serverArguments, startServer } from './processes.ts'
import { head, openWire } from './wire.ts'

const attackers = 20
const sentBytes = 65_000

/** Connections that send these requests ahead and read nothing. */
function flood(t: Test, port: number, request: string): Socket[] {
  const bytes = request.repeat(Math.ceil(sentBytes / request.length))
  return Array.from({ length: attackers }, () => {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    t.teardown(() => socket.destroy())
    socket.pause().write(bytes)
    return socket
  })
}

/** What the process has in memory, in MiB. */
const memory = (pid: number) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

const floods = {
  'the contract as JSON': head('GET', '/openapi.json'),
  'the contract in OpenAPI 3.0': head('GET', '/openapi-3.0.json'),
  'a file of Swagger UI': head('GET', '/docs/static/swagger-ui-bundle.js'),
  'a path that there is not': head('GET', `/${'a'.repeat(100)}`),
}

for (const [title, request] of Object.entries(floods))
  t.test(`${title}, asked for without end and never read, takes little memory, and others are answered`, async (t) => {
    const args = ['--max-old-space-size=160', ...serverArguments]
    const server = await startServer(t, await environment({ LOG_LEVEL: 'info' }), args)
    const pid = Number(server.child.pid)
    const before = memory(pid)
    flood(t, server.port, request)
    for (let second = 0; second < 5; second++) {
      await setTimeout(1000)
      t.equal((await fetch(`${server.url}/livez`)).status, 200, `after ${second + 1} s`)
    }
    t.ok(memory(pid) - before < 150, `${memory(pid) - before} MiB more`)
    server.child.kill('SIGTERM')
    t.match(await server.finished, { code: 0, stderr: '' })
  })

t.test('the largest page of the list, asked for without end and never read, takes little memory', async (t) => {
  const service = await build(t)
  await fillPage(service)
  const args = ['--max-old-space-size=160', ...serverArguments]
  const server = await startServer(t, await environment({ LOG_LEVEL: 'info' }), args)
  const pid = Number(server.child.pid)
  const before = memory(pid)
  flood(t, server.port, head('GET', '/v1/chat/voice-sessions?limit=100', service.authorized))
  for (let second = 0; second < 5; second++) {
    await setTimeout(1000)
    t.equal((await fetch(`${server.url}/livez`)).status, 200, `after ${second + 1} s`)
  }
  t.ok(memory(pid) - before < 250, `${memory(pid) - before} MiB more`)
})

t.test('metrics, asked for without end and never read, do not stop the service', async (t) => {
  const port = await freeTcpPort()
  const args = ['--max-old-space-size=160', ...serverArguments]
  const server = await startServer(t, await environment({ METRICS_PORT: String(port), LOG_LEVEL: 'info' }), args)
  flood(t, port, head('GET', '/metrics'))
  await setTimeout(3000)
  t.equal((await fetch(`http://127.0.0.1:${port}/metrics`)).status, 200)
  t.equal((await fetch(`${server.url}/livez`)).status, 200)
})

t.test('probes on the port for metrics do not wait behind a crowd that comes in at the other', async (t) => {
  const metricsPort = await freeTcpPort()
  const server = await startServer(t, await environment({ METRICS_PORT: String(metricsPort), LOG_LEVEL: 'info' }))
  // While it is stopped, who comes waits to be taken.
  server.child.kill('SIGSTOP')
  const crowd = Array.from({ length: 450 }, () => connect(server.port, '127.0.0.1').on('error', () => {}))
  t.teardown(() => crowd.map((socket) => socket.destroy()))
  for (const socket of crowd) socket.resume().write(head('GET', '/openapi.json').repeat(30))
  await until(async () => crowd.every(({ connecting }) => !connecting), 60_000)
  const answered: string[] = []
  const ask = async (name: string, port: number) => {
    const wire = await openWire(t, port)
    wire.send(head('GET', '/livez'))
    return wire.answer().then(({ status }) => answered.push(`${name} ${status}`))
  }
  const asking = [ask('here', server.port), ask('there', metricsPort)]
  await setTimeout(500)
  server.child.kill('SIGCONT')
  await Promise.all(asking)
  t.same(answered, ['there 200', 'here 200'])
})

t.test('requests that were sent ahead are answered in their order, one after the other', async (t) => {
  const { port, organization, sessions } = await build(t)
  const wire = await openWire(t, port)
  const body = JSON.stringify({ agent_id: organization.pipelineAgent })
  const key = { 'X-API-Key': organization.key }
  const create = head('POST', '/v1/chat/voice-sessions', {
    ...key,
    'Content-Type': 'application/json',
    'Content-Length': String(body.length),
  })
  const list = head('GET', '/v1/chat/voice-sessions', key)
  wire.send(list + create + body + list + head('GET', '/nowhere') + list)
  const open = async () => JSON.parse((await wire.answer()).body).sessions.length
  t.equal(await open(), 0)
  t.equal((await wire.answer()).status, 200)
  t.equal(await open(), 1, 'asked for after the session was created')
  t.equal((await wire.answer()).status, 404)
  t.equal(await open(), 1)
  t.equal((await sessions()).length, 1)
})

t.test(
  'as many as any client sends ahead are answered; who sends more is cut off, and nothing more is done',
  async (t) => {
    const { port } = await build(t)
    const live = head('GET', '/livez')
    const few = await openWire(t, port)
    few.send(live.repeat(33))
    for (let n = 0; n < 33; n++) t.equal((await few.answer()).status, 200)
    few.send(live)
    t.equal((await few.answer()).status, 200, 'and it may go on')
    const many = await openWire(t, port)
    many.send(live.repeat(1000))
    await many.closed()
  },
)

t.test('a connection of which no answer is read is closed after ten seconds', async (t) => {
  const { port, app } = await build(t)
  const connections = () => new Promise<number>((resolve) => app.server.getConnections((_, count) => resolve(count)))
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  t.teardown(() => socket.destroy())
  // More than the system's buffers hold, with few requests.
  socket.pause().write(head('GET', '/docs/static/swagger-ui-bundle.js').repeat(20))
  await until(async () => (await connections()) === 1)
  const startedAt = performance.now()
  await until(async () => (await connections()) === 0, 30_000)
  t.ok(performance.now() - startedAt > 9000, 'not before')
})
