// On SIGTERM the process takes the time of the requests under way and no longer, and ends with 0, whatever connections do.
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { build, environment, livekitCalls, parts, through, until } from './helper.ts'
import { startServer } from './processes.ts'
import { head, openWire } from './wire.ts'

const path = '/v1/chat/voice-sessions'
const post = head('POST', path, {
  'X-API-Key': 'tk_live_x',
  'Content-Type': 'application/json',
  'Content-Length': '99',
})
/** From the signal to the end, in seconds, where no request is under way: a busy machine takes longer than half a second, and whoever
 * waits for a connection takes 35. */
const promptSeconds = 10

function open(t: Test, port: number, bytes: string): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {})
  t.teardown(() => socket.destroy())
  socket.write(bytes)
  return socket
}

const behaviours: Record<string, (t: Test, port: number) => unknown> = {
  'says nothing': (t, port) => open(t, port, ''),
  'is kept alive': async (t, port) => {
    const wire = await openWire(t, port)
    wire.send(head('GET', '/livez'))
    await wire.answer()
  },
  'has sent half a head': (t, port) => open(t, port, post.slice(0, 30)),
  'has sent half a body': (t, port) => open(t, port, `${post}{"agent`),
  'sends a byte now and then': (t, port) => {
    const socket = open(t, port, `GET /livez HTTP/1.1\r\nX-Slow: `)
    const timer = setInterval(() => socket.write('a'), 50)
    t.teardown(() => clearInterval(timer))
  },
  'reads nothing': (t, port) => open(t, port, head('GET', '/docs/static/swagger-ui-bundle.js').repeat(9)).pause(),
  'asked for a tunnel': (t, port) => open(t, port, 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n'),
  'asked for a WebSocket': (t, port) =>
    open(
      t,
      port,
      head('GET', '/livez', { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' }),
    ),
  'was answered 400 and stays': (t, port) => open(t, port, 'no HTTP at all\r\n\r\n'),
  'has half closed': (t, port) => open(t, port, post).end(),
  'asks again and again': (t, port) => {
    const socket = open(t, port, '').on('data', () => socket.write(head('GET', '/livez')))
    socket.write(head('GET', '/livez'))
  },
}

for (const [behaviour, behave] of Object.entries(behaviours))
  t.test(`a connection that ${behaviour} does not hold the service up`, async (t) => {
    const { app, port, request } = await build(t)
    await behave(t, port)
    // The service knows of it once it has answered on one that came after it.
    await request('/livez')
    const startedAt = performance.now()
    await app.close()
    const seconds = (performance.now() - startedAt) / 1000
    t.ok(seconds < promptSeconds, `${seconds} s`)
  })

t.test('connections that do all of these do not hold the process up', async (t) => {
  const server = await startServer(t, await environment({ LOG_LEVEL: 'info' }))
  await behaveAll(t, server.port)
  await fetch(`${server.url}/livez`)
  const startedAt = performance.now()
  server.child.kill('SIGTERM')
  t.match(await server.finished, { code: 0, stderr: '' })
  const seconds = (performance.now() - startedAt) / 1000
  t.ok(seconds < promptSeconds, `${seconds} s`)
})

async function behaveAll(t: Test, port: number): Promise<void> {
  for (const behave of Object.values(behaviours)) await behave(t, port)
}

t.test('what is under way gets its answer all the same, and the process ends with it', async (t) => {
  const { organization } = await build(t)
  const { proxy, url: LIVEKIT_API_URL } = await through(t, parts.livekitUrl)
  const server = await startServer(t, await environment({ LIVEKIT_API_URL, LOG_LEVEL: 'info' }))
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  await proxy.set({ before: () => released })
  await behaveAll(t, server.port)
  const body = JSON.stringify({ agent_id: organization.pipelineAgent })
  const good = { 'X-API-Key': organization.key, 'Content-Type': 'application/json' }
  const wire = await openWire(t, server.port)
  wire.send(head('POST', path, { ...good, 'Content-Length': String(body.length) }) + body)
  await until(async () => livekitCalls(proxy).includes('CreateRoom'))
  server.child.kill('SIGTERM')
  await new Promise((resolve) => setTimeout(resolve, 2000))
  t.equal(server.child.exitCode, null, 'it waits')
  release()
  t.equal((await wire.answer()).status, 200)
  const answeredAt = performance.now()
  t.match(await server.finished, { code: 0, stderr: '' })
  t.ok(performance.now() - answeredAt < promptSeconds * 1000)
})
