// How LiveKit's API is called: over connections that may have been closed, through proxies, under a path, and with answers that
// are too large, too busy, or repeat what must not be in a log.
import { once } from 'node:events'
import { createServer, request as httpRequest, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import t, { type Test } from 'tap'
import { Api } from '../src/plugins/livekit/api.ts'
import { createTransport, type TransportOptions } from '../src/plugins/livekit/transport.ts'
import { build, buildBehindProxies, livekitCalls, parts, refused, rooms, through } from './helper.ts'

const key = { apiKey: parts.livekitApiKey, apiSecret: parts.livekitApiSecret }

/** LiveKit's API under this URL, closed after the test. */
function apiOf(t: Test, url: string, changes: Partial<TransportOptions> = {}): Api {
  const transport = createTransport({ url, timeoutMilliseconds: 4000, usesProxies: false, ...changes })
  t.teardown(() => transport.close())
  return new Api(transport, url, key)
}

async function listening(t: Test, server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close().closeAllConnections())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const http = (status: string, body: string, headers = '') =>
  `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`

const name = () => `agent_5b710eca-ee67-4c3a-aeb6-8b541f451b40_user123_${Date.now()}`

/** What the first try has deleted, the repeat does not find. */
const deleted = (api: Api, room: string) =>
  api.deleteRoom(room).catch((error) => {
    if (error.code !== 'not_found') throw error
  })

for (const fault of ['reset', 'close'] as const)
  t.test(`connections that LiveKit has ${fault} while nobody used them: the next calls are answered`, async (t) => {
    const { proxy, url } = await through(t, parts.livekitUrl)
    const api = apiOf(t, url)
    const room = name()
    const createSix = () => Promise.all(Array.from({ length: 6 }, () => api.createRoom({ name: room })))
    for (const call of [
      createSix,
      () => api.listRooms([room]),
      () => api.listParticipants(room),
      () => deleted(api, room),
    ]) {
      await Promise.all(Array.from({ length: 6 }, () => api.listRooms([room])))
      await proxy.set(fault)
      await proxy.set('pass')
      await t.resolves(async () => void (await call()))
    }
  })

t.test(
  'connections that are reset at the moment of the call: each call is repeated once, over a new one',
  async (t) => {
    const { proxy, url } = await through(t, parts.livekitUrl)
    const api = apiOf(t, url)
    const room = name()
    await api.createRoom({ name: room })
    const calls = {
      CreateRoom: () => api.createRoom({ name: room }),
      ListRooms: () => api.listRooms([room]),
      ListParticipants: () => api.listParticipants(room),
      DeleteRoom: () => deleted(api, room),
    }
    for (const [method, call] of Object.entries(calls)) {
      for (const fault of ['reset', 'close', 'reset answer'] as const) {
        proxy.when(method, fault)
        await t.resolves(async () => void (await call()), `${method}: ${fault}`)
        proxy.when(method, fault, 2)
        await t.rejects(async () => void (await call()), `${method}: ${fault} twice`)
      }
    }
    await rooms.deleteRoom(room).catch(() => undefined)
  },
)

t.test('an answer that is too large is not read to its end', async (t) => {
  let sent = 0
  const server = createServer((_request, response) => {
    const part = Buffer.alloc(64 * 1024, ' ')
    const send = () => {
      if (response.destroyed || sent > 500 * 1024 * 1024) return
      sent += part.length
      if (response.write(part)) setImmediate(send)
      else response.once('drain', send)
    }
    send()
  })
  const api = apiOf(t, await listening(t, server))
  for (const [call, mebibytes] of [
    [() => api.listParticipants('room'), 16],
    [() => api.createRoom({ name: 'room' }), 16],
    [() => api.deleteRoom('room'), 16],
    [() => api.listRooms(), 100],
  ] as const) {
    sent = 0
    await t.rejects(async () => void (await call()), { message: /answered too much/ })
    t.ok(sent < mebibytes * 1024 * 1024, `${sent} bytes were sent`)
  }
})

for (const [told, seconds] of [
  ['Retry-After: 7\r\n', '7'],
  ['Retry-After: 100000\r\n', '60'],
  ['Retry-After: soon\r\n', '1'],
  ['', '1'],
] as const)
  t.test(
    `503: LiveKit is busy, ${told.trim() || 'without Retry-After'}: it is asked once, and not again before`,
    async (t) => {
      const service = await buildBehindProxies(t)
      service.livekit.when('CreateRoom', {
        answer: http('429 Too Many Requests', '{"code":"resource_exhausted"}', told),
      })
      refused(t, await service.create(), 503, 'Service temporarily unavailable', { 'retry-after': seconds })
      t.equal(livekitCalls(service.livekit).filter((call) => call === 'CreateRoom').length, 1)
      t.equal(await service.credits(), service.organization.openingCredits, 'credits are back')
    },
  )

t.test('503: LiveKit says by a date when it will have time', async (t) => {
  const service = await buildBehindProxies(t)
  const date = new Date(Date.now() + 20_000).toUTCString()
  service.livekit.when('CreateRoom', { answer: http('429 Too Many Requests', '{}', `Retry-After: ${date}\r\n`) })
  const answer = await service.create()
  t.equal(answer.status, 503)
  const seconds = Number(answer.headers.get('retry-after'))
  t.ok(seconds >= 15 && seconds <= 21, `${seconds}`)
})

/** A reverse proxy that serves LiveKit under a path. */
const underPath = (prefix: string) =>
  createServer((request, response) => {
    const { method, headers } = request
    if (!request.url?.startsWith(`${prefix}/`)) return response.writeHead(404).end()
    const path = request.url.slice(prefix.length)
    const passed = httpRequest(new URL(path, parts.livekitUrl.replace('ws', 'http')), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    request.pipe(passed)
  })

for (const end of ['', '/'])
  t.test(
    `LiveKit under a path${end && ', with a slash at its end'}: all calls keep it, and the answer has it`,
    async (t) => {
      const origin = (await listening(t, underPath('/live/kit'))).replace('http', 'ws')
      const LIVEKIT_URL = `${origin}/live/kit${end}`
      const service = await build(t, { LIVEKIT_URL })
      const { status, json } = await service.create()
      t.equal(status, 200)
      t.equal(json.livekit_url, LIVEKIT_URL)
      const { livekit } = service.app
      t.strictSame(await livekit.listRooms([json.room_name]), [json.room_name])
      t.strictSame(await livekit.listParticipants(json.room_name), [])
      await livekit.deleteRoom(json.room_name)
      t.strictSame(await livekit.listRooms([json.room_name]), [])
    },
  )

t.test(
  'calls go through the proxy of the environment where they are told so, but for those that need none',
  async (t) => {
    const through: string[] = []
    const proxy = createServer((_request, response) => response.writeHead(502).end())
    proxy.on('connect', (request, client, head) => {
      through.push(request.url ?? '')
      const { port } = new URL(parts.livekitUrl)
      const target = connect(Number(port), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n')
        target.write(head)
        target.pipe(client).pipe(target)
      })
      target.on('error', () => client.destroy())
      client.on('error', () => target.destroy())
    })
    const url = await listening(t, proxy)
    const before = { ...process.env }
    t.teardown(() => {
      process.env = before
    })
    process.env = {
      ...before,
      http_proxy: url,
      HTTP_PROXY: url,
      https_proxy: url,
      HTTPS_PROXY: url,
      no_proxy: '',
      NO_PROXY: '',
    }
    const hidden = 'http://livekit.invalid:7880'
    const room = name()
    const api = apiOf(t, hidden, { usesProxies: true })
    await api.createRoom({ name: room })
    t.match(await api.listRooms([room]), [{ name: room }])
    t.strictSame(await api.listParticipants(room), [])
    await api.deleteRoom(room)
    t.ok(through.length > 0 && through.every((target) => target === 'livekit.invalid:7880'), through.join())
    await t.rejects(apiOf(t, hidden).listRooms([room]), 'without being told so')
    process.env.no_proxy = process.env.NO_PROXY = 'livekit.invalid'
    await t.rejects(apiOf(t, hidden, { usesProxies: true }).listRooms([room]), 'NO_PROXY')
  },
)

t.test('what LiveKit repeats of a token is in no error', async (t) => {
  const server = createServer((request, response) => {
    const said = JSON.stringify({ code: 'unauthenticated', msg: `invalid token: ${request.headers.authorization}` })
    response.writeHead(401, { 'x-token': request.headers.authorization }).end(said)
  })
  const api = apiOf(t, await listening(t, server))
  for (const call of [() => api.createRoom({ name: 'x' }), () => api.listRooms(), () => api.listParticipants('x')]) {
    const error = await call().catch((error) => error)
    t.match(error, { status: 401, code: 'unauthenticated', message: /answered 401.*\[token\]/ })
    t.notMatch(`${error.message}${error.stack}${JSON.stringify(error)}`, /eyJ/)
  }
})
