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
