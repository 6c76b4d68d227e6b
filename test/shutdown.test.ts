// On SIGTERM the requests under way are finished, new ones are refused, and the process ends with exit code 0.
import t from 'tap'
import { build, environment, livekitCalls, parts, through, until } from './helper.ts'
import { serverArguments, startServer } from './processes.ts'
import { head, openWire } from './wire.ts'

const path = '/v1/chat/voice-sessions'
const unavailable = '{"detail":"Service temporarily unavailable"}'

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal}: what is under way gets its 200, what comes after it 503, and the exit code is 0`, async (t) => {
    const { organization, sessions } = await build(t)
    const { proxy, url: LIVEKIT_API_URL } = await through(t, parts.livekitUrl)
    const server = await startServer(t, await environment({ LIVEKIT_API_URL, LOG_LEVEL: 'info' }))
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    await proxy.set({ before: () => released })

    const body = JSON.stringify({ agent_id: organization.pipelineAgent })
    const good = { 'X-API-Key': organization.key, 'Content-Type': 'application/json' }
    const create = head('POST', path, { ...good, 'Content-Length': String(body.length) }) + body
    const [busy, idle, ready, live] = await Promise.all([1, 2, 3, 4].map(() => openWire(t, server.port)))
    if (!busy || !idle || !ready || !live) throw new Error('four connections')
    // Half a request each: connections that are in use, so that the service has to see them through.
    idle.send(create.slice(0, 20))
    ready.send('GET /readyz HTTP/1.1\r\n')
    live.send('GET /livez HTTP/1.1\r\n')

    busy.send(create)
    await until(async () => livekitCalls(proxy).includes('CreateRoom'))
    server.child.kill(signal)
    await until(async () =>
      fetch(server.url).then(
        () => false,
        () => true,
      ),
    )

    busy.send(create)
    idle.send(create.slice(20))
    ready.send('Host: localhost\r\n\r\n')
    live.send('Host: localhost\r\n\r\n')
    const refusal = await idle.answer()
    t.equal(refusal.status, 503, 'a new request on an open connection')
    t.equal(refusal.body, unavailable)
    t.match(refusal.headers, { 'retry-after': '1', connection: 'close', 'cache-control': 'no-store' })
    t.match(await ready.answer(), { status: 503, body: unavailable }, 'not ready any more')
    t.match(await live.answer(), { status: 200, body: '{"status":"live"}' }, 'alive still')

    release()
    const answer = await busy.answer()
    t.equal(answer.status, 200, 'the request under way')
    t.match((await sessions())[0], { room_name: JSON.parse(answer.body).room_name, status: 'active' })
    const second = await busy.answer()
    t.equal(second.status, 503, 'a new request on its keep-alive connection')
    t.equal(second.body, unavailable)

    const { code, stderr } = await server.finished
    t.equal(code, 0)
    t.equal(stderr, '')
    t.equal((await sessions()).length, 1, 'the refused ones left nothing')
  })
}

t.test('an error that nobody foresaw is logged, and ends the process with 1', async (t) => {
  const planted = 'data:text/javascript,process.on("SIGUSR2",()=>{throw new Error("planted")})'
  const server = await startServer(t, await environment({ LOG_LEVEL: 'info' }), [
    '--import',
    planted,
    ...serverArguments,
  ])
  server.child.kill('SIGUSR2')
  const { code, stdout } = await server.finished
  t.equal(code, 1)
  const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) as string)
  t.match(last, { level: 60, msg: 'stopped by an error', err: { message: 'planted' } })
})
