// 401: no key, or a key that is nobody's. Every such answer is the same to the byte, so it tells nothing.
import t from 'tap'
import { generateApiKey } from '../../src/api-key.ts'
import { revokeApiKey } from '../../src/repositories/api-keys.ts'
import {
  type Answer,
  buildBehindProxies,
  exchange,
  leftNothing,
  livekitCalls,
  rawCreate,
  refused,
  type Service,
} from '../helper.ts'

const path = '/v1/chat/voice-sessions'
const challenge = { 'www-authenticate': 'ApiKey realm="voice-sessions"' }

/** All of an answer that may not differ between two refusals. */
function bytes({ status, headers, text }: Answer) {
  return { status, text, headers: [...headers].filter(([name]) => name !== 'date' && name !== 'x-request-id') }
}

const withoutKey = (service: Service, init: RequestInit = {}, query = '') =>
  service.request(path + query, { method: 'POST', body: null, ...init })

t.test('401: no key, or an empty one', async (t) => {
  const service = await buildBehindProxies(t)
  const none = await withoutKey(service)
  refused(t, none, 401, 'Invalid API key', challenge)
  t.strictSame(bytes(await service.create(undefined, {}, '')), bytes(none))
  await leftNothing(t, service)
})

t.test('401: a key that is nobody’s is answered like none, to the byte', async (t) => {
  const service = await buildBehindProxies(t)
  const { key } = service.organization
  const none = bytes(await withoutKey(service))
  const swap = (text: string) => text.replaceAll(/[a-z]/gi, (c) => (c < 'a' ? c.toLowerCase() : c.toUpperCase()))
  const keys = {
    unknown: generateApiKey(),
    'upper case': key.toUpperCase(),
    'other letter case': `tk_live_${swap(key.slice(8))}`,
    'no prefix': key.slice(8),
    'another prefix': key.replace('live', 'test'),
    'one character less': key.slice(0, -1),
    'one character more': `${key}0`,
    'over 256 characters': key.padEnd(300, 'x'),
    'twice in one header': `${key}, ${key}`,
    'with a scheme': `Bearer ${key}`,
    SQL: `' OR true --`,
  }
  for (const [what, bad] of Object.entries(keys))
    t.strictSame(bytes(await service.create(undefined, {}, bad)), none, what)

  t.equal(service.database.count('findCaller'), 1, 'the database is asked only for a key that could be one')

  const twice = await exchange(service.port, rawCreate(key, '{}', [`X-API-Key: ${key}`, 'Connection: close']))
  t.match(twice, /^HTTP\/1.1 401 .*\{"detail":"Invalid API key"\}$/s, 'in two headers')
  await leftNothing(t, service)
  t.strictSame(livekitCalls(service.livekit), [], 'LiveKit was never called')
})

t.test('401: a key is refused from the next request after it was revoked or has expired', async (t) => {
  const service = await buildBehindProxies(t)
  const none = bytes(await withoutKey(service))
  const { keyId } = service.organization
  const expire = (expires_at: Date | null) =>
    service.db.updateTable('api_keys').set({ expires_at }).where('id', '=', keyId).execute()

  await expire(new Date(Date.now() + 60_000))
  t.equal((await service.post('{}')).status, 400, 'good until it expires')
  await expire(new Date(Date.now() - 1000))
  t.strictSame(bytes(await service.create()), none, 'expired')
  await expire(null)
  t.equal((await service.post('{}')).status, 400, 'good again')
  await revokeApiKey(service.db, keyId)
  t.strictSame(bytes(await service.create()), none, 'revoked')
  await leftNothing(t, service)
})

t.test('401: a key counts in the X-API-Key header and nowhere else', async (t) => {
  const service = await buildBehindProxies(t)
  const none = bytes(await withoutKey(service))
  const { key, pipelineAgent } = service.organization
  const body = JSON.stringify({ agent_id: pipelineAgent, 'X-API-Key': key, api_key: key })
  const places: [string, RequestInit, string?][] = [
    ['query', {}, `?X-API-Key=${key}&x-api-key=${key}&api_key=${key}&key=${key}`],
    ['body', { body, headers: { 'content-type': 'application/json' } }],
    ['Bearer', { headers: { authorization: `Bearer ${key}` } }],
    ['Basic', { headers: { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` } }],
    ['cookie', { headers: { cookie: `X-API-Key=${key}` } }],
    ['other header', { headers: { 'api-key': key, 'x-api_key': key, 'x-apikey': key } }],
  ]
  for (const [what, init, query] of places) t.strictSame(bytes(await withoutKey(service, init, query)), none, what)
  await leftNothing(t, service)
})

t.test('401: the key is judged before the body is even sent', async (t) => {
  const service = await buildBehindProxies(t)
  const none = bytes(await withoutKey(service))
  t.strictSame(bytes(await service.post('{"agent_id":', { 'content-type': 'text/plain' }, generateApiKey())), none)
  const unsent = rawCreate(generateApiKey(), '', ['Content-Length: 1000', 'Connection: close'])
  t.match(await exchange(service.port, unsent), /^HTTP\/1.1 401 .*\{"detail":"Invalid API key"\}$/s)
})
