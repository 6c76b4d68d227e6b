// CORS: off unless CORS_ORIGINS names exact origins; then those, and no others, may read answers in a browser.
import t, { type Test } from 'tap'
import { type Answer, build, refused, type Service } from './helper.ts'

const path = '/v1/chat/voice-sessions'
const listed = 'https://app.example'
const alsoListed = 'http://localhost:5173'
const unlisted = [
  'https://evil.example',
  'https://app.example.evil.example',
  'https://xapp.example',
  'http://app.example',
  'https://app.example:444',
  'https://APP.example',
  'https://app.example/',
  'null',
  '*',
]
const origins = { CORS_ORIGINS: `${listed}, ${alsoListed}` }

const exposed =
  'X-Request-Id, X-Error-Code, Retry-After, Idempotency-Replayed, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset'

/** Every CORS header of an answer. */
const corsHeaders = ({ headers }: Answer) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')))

const preflight = (service: Service, origin: string, headers = {}) =>
  service.request(path, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'x-api-key, content-type',
      ...headers,
    },
  })

/** One answer of /v1 for each way in which a request can end before LiveKit, and a success. */
async function answersTo(service: Service, origin: string): Promise<Record<string, Answer>> {
  const from = { origin }
  const { organization, request, create, post } = service
  const body = JSON.stringify({ agent_id: organization.pipelineAgent })
  return {
    '200': await create(undefined, from),
    '400 body': await post('{', from),
    '400 architecture': await create(organization.textAgent, from),
    '400 path': await request('/v1/%zz', { headers: from }),
    '401': await create(undefined, from, 'tk_live_wrong'),
    '404 agent': await create('nobody', from),
    '404 path': await request('/v1/nowhere', { headers: from }),
    '405': await request(path, { method: 'PUT', headers: from }),
    '413': await post(JSON.stringify({ agent_id: 'a'.repeat(17_000) }), from),
    '415': await post(body, { ...from, 'content-type': 'text/plain' }),
  }
}

function isAnswered(t: Test, title: string, { status }: Answer): void {
  t.equal(String(status), title.slice(0, 3), title)
}

t.test('CORS is off by default: no answer has one of its headers, and a preflight is a 405', async (t) => {
  const service = await build(t)
  for (const [title, answer] of Object.entries(await answersTo(service, listed))) {
    isAnswered(t, title, answer)
    t.strictSame(corsHeaders(answer), {}, title)
    t.equal(answer.headers.get('vary'), null, title)
  }
  const answer = await preflight(service, listed)
  t.equal(answer.status, 405)
  t.equal(answer.headers.get('allow'), 'GET, POST')
  t.strictSame(corsHeaders(answer), {})
})

t.test('a listed origin is echoed on success and on every error', async (t) => {
  const service = await build(t, origins)
  for (const origin of [listed, alsoListed]) {
    for (const [title, answer] of Object.entries(await answersTo(service, origin))) {
      isAnswered(t, title, answer)
      const expected = { 'access-control-allow-origin': origin, 'access-control-expose-headers': exposed }
      t.strictSame(corsHeaders(answer), expected, title)
      t.equal(answer.headers.get('vary'), 'Origin', title)
    }
  }
})

t.test('an unlisted origin is served without CORS headers, but with Vary', async (t) => {
  const service = await build(t, origins)
  for (const [title, answer] of Object.entries(await answersTo(service, 'https://evil.example'))) {
    isAnswered(t, title, answer)
    t.strictSame(corsHeaders(answer), {}, title)
    t.equal(answer.headers.get('vary'), 'Origin', title)
  }
  for (const origin of unlisted) {
    const answer = await service.create(undefined, { origin })
    t.equal(answer.status, 200, origin)
    t.strictSame(corsHeaders(answer), {}, origin)
    t.equal(answer.headers.get('vary'), 'Origin', origin)
  }
  const withoutOrigin = await service.create()
  t.strictSame(corsHeaders(withoutOrigin), {}, 'no origin at all')
  t.equal(withoutOrigin.headers.get('vary'), 'Origin', 'no origin at all')
})

t.test('204: the preflight of a listed origin names methods, headers and how long it holds', async (t) => {
  const service = await build(t, origins)
  for (const asked of [
    {},
    { 'access-control-request-headers': 'x-evil' },
    { 'access-control-request-method': 'PUT' },
  ]) {
    const answer = await preflight(service, listed, asked)
    t.equal(answer.status, 204)
    t.equal(answer.text, '')
    t.strictSame(corsHeaders(answer), {
      'access-control-allow-origin': listed,
      'access-control-allow-methods': 'GET, POST, DELETE',
      'access-control-allow-headers': 'X-API-Key, Content-Type, Idempotency-Key',
      'access-control-max-age': '600',
      'access-control-expose-headers': exposed,
    })
    t.equal(answer.headers.get('vary'), 'Origin')
    t.match(answer.headers.get('x-request-id'), /^[0-9a-f-]{36}$/)
    t.equal(answer.headers.get('cache-control'), 'no-store')
  }
})

t.test('204: the preflight of an unlisted origin, or an OPTIONS without one, has no CORS headers', async (t) => {
  const service = await build(t, origins)
  const answers = await Promise.all(unlisted.map((origin) => preflight(service, origin)))
  for (const answer of [...answers, await service.request(path, { method: 'OPTIONS' })]) {
    t.equal(answer.status, 204)
    t.equal(answer.text, '')
    t.strictSame(corsHeaders(answer), {})
    t.equal(answer.headers.get('vary'), 'Origin')
  }
})

t.test('a preflight needs no key and is not counted as a bad one', async (t) => {
  const service = await build(t, origins)
  for (let n = 0; n < 30; n++) t.equal((await preflight(service, listed)).status, 204)
  t.equal((await service.create(undefined, { origin: listed }, 'tk_live_wrong')).status, 401)
})

t.test('405: the methods that a path lacks are refused under CORS, too', async (t) => {
  const { request } = await build(t, origins)
  refused(t, await request(path, { method: 'PUT' }), 405, 'Method not allowed', { allow: 'GET, POST', vary: 'Origin' })
})
