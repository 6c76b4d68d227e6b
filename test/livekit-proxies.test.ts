// LiveKit behind the forward proxy of the environment. With NODE_USE_ENV_PROXY=1 every call goes through it, on each version
// of Node in the same way; without, none does.
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { createServer } from 'node:tls'
import t, { type Test } from 'tap'
import { createCertificate } from './certificate.ts'
import { startForwardProxy } from './forward-proxy.ts'
import { build, environment, parts, rooms } from './helper.ts'
import { startServer } from './processes.ts'

const { hostname, port } = new URL(parts.livekitUrl)
const livekit = { hostname, port: Number(port) }
const certificate = createCertificate(t.testdir())

t.test('every call goes through it, and it is asked by the whole URL', async (t) => {
  const { url, asked } = await startForwardProxy(t, { target: livekit })
  const changes = { LIVEKIT_URL: 'ws://livekit.test', NODE_USE_ENV_PROXY: '1', http_proxy: url }
  const service = await build(t, changes, {}, { avoidsOverload: true })
  const { status, json } = await service.create()
  t.equal(status, 200)
  t.equal(json.livekit_url, 'ws://livekit.test')
  t.strictSame(await service.app.livekit.listParticipants(json.room_name), [])
  t.strictSame(await service.app.livekit.listRooms([json.room_name]), [json.room_name])
  await service.app.livekit.deleteRoom(json.room_name)
  t.strictSame(await rooms.listRooms([json.room_name]), [])
  for (const method of ['CreateRoom', 'ListParticipants', 'ListRooms', 'DeleteRoom'])
    t.ok(asked.includes(`POST http://livekit.test/twirp/livekit.RoomService/${method}`), method)
})

t.test('it is not asked without NODE_USE_ENV_PROXY=1, nor where NO_PROXY names the host', async (t) => {
  const { url, asked } = await startForwardProxy(t, { target: livekit })
  for (const changes of [{ HTTP_PROXY: url }, { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: url, no_proxy: '127.0.0.1' }]) {
    const service = await build(t, changes as Record<string, string>, {}, { avoidsOverload: true })
    t.equal((await service.create()).status, 200)
  }
  t.strictSame(asked, [])
})

t.test('it is told the name and password of its URL, and nothing of them is shown where they are wrong', async (t) => {
  const authorization = `Basic ${Buffer.from('me:p@ss').toString('base64')}`
  const { url, asked } = await startForwardProxy(t, { target: livekit, authorization })
  const through = async (t: Test, credentials: string) => {
    const changes = { LIVEKIT_URL: 'ws://livekit.test', NODE_USE_ENV_PROXY: '1' }
    const HTTP_PROXY = url.replace('//', `//${credentials}`)
    return build(t, { ...changes, HTTP_PROXY }, {}, { avoidsOverload: true })
  }
  const right = await through(t, 'me:p%40ss@')
  t.equal((await right.create()).status, 200)
  const wrong = await through(t, 'me:wrong@')
  t.equal((await wrong.create()).status, 500)
  t.ok(asked.length >= 3)
})

/** A service whose LiveKit is spoken to over TLS, through a proxy; what the proxy was asked. */
async function throughTunnel(
  t: Test,
  options: { tls?: typeof certificate; authorization?: string; credentials?: string },
) {
  const { tls, authorization, credentials = '' } = options
  const server = createServer(certificate, (client) => {
    const part = connect(livekit.port, livekit.hostname)
    client.pipe(part).on('error', () => client.destroy())
    part.pipe(client).on('error', () => part.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const target = { hostname: '127.0.0.1', port: (server.address() as AddressInfo).port }
  const proxy = await startForwardProxy(t, { target, ...(tls && { tls }), ...(authorization && { authorization }) })
  const { organization } = await build(t)
  const variables = await environment({
    LIVEKIT_API_URL: 'https://livekit.test',
    NODE_USE_ENV_PROXY: '1',
    NODE_EXTRA_CA_CERTS: certificate.file,
    HTTPS_PROXY: proxy.url.replace('//', `//${credentials}`),
    LOG_LEVEL: 'info',
  })
  const { url, child, finished } = await startServer(t, variables)
  const headers = { 'x-api-key': organization.key, 'content-type': 'application/json' }
  const sessions = `${url}/v1/chat/voice-sessions`
  const create = () =>
    fetch(sessions, { method: 'POST', headers, body: JSON.stringify({ agent_id: organization.pipelineAgent }) })
  const end = (roomName: string) => fetch(`${sessions}/${roomName}`, { method: 'DELETE', headers })
  const stop = async () => {
    child.kill('SIGTERM')
    return (await finished).stdout
  }
  return { ...proxy, create, end, stop }
}

t.test('https:// goes through a tunnel, to a proxy with TLS or without', async (t) => {
  for (const tls of [undefined, certificate]) {
    const { create, end, asked, stop } = await throughTunnel(t, tls ? { tls } : {})
    const created = await create()
    t.equal(created.status, 200)
    const { room_name } = (await created.json()) as { room_name: string }
    t.equal((await end(room_name)).status, 200)
    t.strictSame(new Set(asked), new Set(['CONNECT livekit.test:443']))
    await stop()
  }
})

t.test('a tunnel that is refused, broken or never made is 500, and leaves nothing behind', async (t) => {
  const { create, asked, server, stop } = await throughTunnel(t, {
    authorization: 'Basic x',
    credentials: 'me:canary@',
  })
  t.equal((await create()).status, 500)
  const calls = asked.length
  server.removeAllListeners('connect').on('connect', (_, client) => {
    asked.push('CONNECT')
    client.destroy()
  })
  t.equal((await create()).status, 500)
  t.ok(asked.length <= calls + 12, 'asked twice by the create, twice by each sweep, and not again and again')
  server.removeAllListeners('connect').on('connect', () => {})
  const startedAt = performance.now()
  t.equal((await create()).status, 500)
  t.ok(performance.now() - startedAt < 6000)
  const log = await stop()
  t.match(log, 'the proxy answered 407')
  t.notMatch(log, 'canary')
  t.notMatch(log, Buffer.from('me:canary').toString('base64'))
})
