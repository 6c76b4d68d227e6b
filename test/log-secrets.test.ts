// No key, token or secret is in the log, whatever is sent and whatever goes wrong: canaries are planted wherever a caller or
// an operator can put one, and the whole log of the process is searched.
import t from 'tap'
import { generateApiKey } from '../src/api-key.ts'
import { cloneDatabase, parts, until } from './helper.ts'
import { query } from './processes.ts'
import { startWatched } from './watched-server.ts'
import { head, openWire } from './wire.ts'

const path = '/v1/chat/voice-sessions'

t.test('no key, token or secret is in any line, on any path, at any level', async (t) => {
  const { server, organization, proxy, database, body, requests, create, wholeLog } = await startWatched(t, {
    LOG_LEVEL: 'trace',
    CORS_ORIGINS: 'https://app.example',
  })
  const { key } = organization
  const stranger = generateApiKey()
  const created = await create(key, body)
  const { token } = created.json
  const inBody = JSON.stringify({ agent_id: key, api_key: key, token })

  await create(stranger, body)
  await create('tk_live_canary-malformed', body)
  await create('', body, `?api_key=${key}`)
  await create('', body, '', { authorization: `Bearer ${key}` })
  await create('', body, '', { cookie: `key=${key}`, referer: `https://${key}.example/`, 'x-request-id': key })
  await create(key, inBody)
  await create(key, inBody.slice(0, -3))
  await create(key, `${key}`)
  await create(key, inBody, '', { 'content-type': `text/${key}` })
  await create(key, JSON.stringify({ agent_id: key.repeat(1000) }))
  await create(key, body, '', { origin: `https://${key}.example` })
  for (const url of [
    `/v1/${key}`,
    `${path}/${key}/%zz`,
    `/docs/static/${key}`,
    `/openapi.yaml?${key}`,
    `/readyz?${token}`,
  ])
    await fetch(server.url + url)
  for (const bytes of [`${key}\r\n\r\n`, head(key, path), head('GET', path, { [`X ${key}`]: key, 'X-API-Key': key })]) {
    const wire = await openWire(t, server.port)
    wire.send(bytes)
    t.equal((await wire.answer()).status, 400)
  }
  for (const fault of [
    'refuse',
    'reset',
    { answer: `HTTP/1.1 401 No\r\nContent-Length: 3\r\n\r\nno!` },
    { answer: '?' },
  ] as const) {
    await proxy.set(fault)
    t.equal((await create(key, body)).status, 500)
  }
  await query('ALTER TABLE agents RENAME TO lost', [], await cloneDatabase())
  const failed = await create(key, body)
  await query('ALTER TABLE lost RENAME TO agents', [], await cloneDatabase())
  t.equal(failed.text, '{"detail":"Internal server error"}')
  const id = failed.headers.get('x-request-id')
  const [line] = await until(async () => requests().filter(({ reqId }) => reqId === id))
  t.match(line, { level: 50, status: 500 }, 'a bug is logged as an error')
  await database.set('refuse')
  t.equal((await create(key, body)).status, 503)

  const log = await wholeLog()
  t.ok(requests().length > 20, 'the log is there')
  const canaries = { key, stranger, token, LIVEKIT_API_SECRET: parts.livekitApiSecret, malformed: 'canary' }
  for (const [name, canary] of Object.entries(canaries)) t.notOk(log.includes(canary), `no ${name}`)
  for (const part of [key.slice(12), stranger.slice(12), token.split('.')[2]])
    t.notOk(log.includes(part), 'nor the part of it that matters')
  t.notMatch(log, /eyJ[\w-]{10}/, 'nor any other token')
})

const http = (status: string, body: string, headers = '') =>
  `HTTP/1.1 ${status}\r\n${headers}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`

/** What LiveKit, or what stands before it, may answer to whom it does not believe: with the token that it was shown. */
const echoes: Record<string, (token: string) => string> = {
  'as LiveKit does': (token) => http('401 Unauthorized', `invalid token: ${token}, error: none`),
  'with its key': (token) =>
    http('401 Unauthorized', `invalid API key: ${parts.livekitApiKey} of ${token.slice(0, 30)}`),
  'as an error of its API': (token) => http('500 No', JSON.stringify({ code: token, msg: token, meta: { token } })),
  'in its headers': (token) => http('503 No', '', `retry-after: ${token}\r\nx-token: ${token}\r\n`),
  'where it is busy': (token) => http('429 No', token, `retry-after: ${token}\r\n`),
  'in the text of its status': (token) => http(`403 ${token}`, ''),
  'in what is no status': (token) => `HTTP/1.1 ${token}\r\n\r\n`,
  'in what is no HTTP': (token) => `${token}\r\n\r\n`,
  'in a header that is none': (token) => `HTTP/1.1 200 OK\r\n${token}\r\n\r\n`,
  'in what is no JSON': (token) => http('200 OK', token),
  'in JSON that is no answer': (token) =>
    http('200 OK', JSON.stringify({ name: { token }, rooms: token, participants: [token] })),
  'as a name': (token) => http('200 OK', JSON.stringify(token)),
  'in a page': (token) =>
    http('302 Found', `<a href="/?token=${encodeURIComponent(token)}">`, `location: /${token}\r\n`),
}

t.test('no token or key is in any line, whatever LiveKit repeats of what it was sent', async (t) => {
  const { server, organization, proxy, body, create, wholeLog } = await startWatched(t, { LOG_LEVEL: 'trace' })
  const { key } = organization
  const sent = new Set<string>()
  const tokenIn = (request: string) => {
    const token = /authorization: Bearer (\S+)/i.exec(request)?.[1] ?? ''
    sent.add(token)
    return token
  }
  const created = await create(key, body)
  const ended = `${server.url}${path}/${created.json.room_name}`
  for (const [how, echo] of Object.entries(echoes)) {
    await proxy.set({ answer: (request) => echo(tokenIn(request)) })
    t.match((await create(key, body)).status, /^50[03]$/, how)
    await fetch(ended, { method: 'DELETE', headers: { 'x-api-key': key } })
  }
  await until(async () => server.stdout().includes('sweep: round failed'), 60_000)
  const log = await wholeLog()
  t.match(log, 'LiveKit answered 401: invalid token: [removed], error: none', 'and what is no secret is told')
  t.ok(sent.size > 1, 'one for all calls that are about no room, and one for each look')
  for (const token of sent)
    for (let at = 0; at + 20 <= token.length; at += 5) t.notOk(log.includes(token.slice(at, at + 20)), 'no part of it')
  t.notOk(log.includes(`: ${parts.livekitApiKey}`), 'no key')
})

t.test('no secret is in any line where it, or the URL, is a wrong one', async (t) => {
  const wrong = [
    { LIVEKIT_API_SECRET: 'canary-secret-that-nobody-else-knows' },
    { LIVEKIT_API_KEY: 'canary-key' },
    { LIVEKIT_API_URL: `${parts.livekitUrl}/elsewhere` },
  ]
  for (const changes of wrong) {
    const { organization, server, body, create, wholeLog } = await startWatched(t, { LOG_LEVEL: 'trace', ...changes })
    t.equal((await create(organization.key, body)).status, 500)
    await until(async () => server.stdout().includes('sweep: round failed'))
    const log = await wholeLog()
    t.match(log, '"level":40')
    t.notMatch(log, /eyJ|canary-/)
    t.notOk(log.includes(parts.livekitApiSecret))
  }
})
