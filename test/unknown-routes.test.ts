// An unknown path is 404, and a method that a known path does not have is 405 with the exact Allow. Both are refused before
// anything else of the request is judged.
import { METHODS } from 'node:http'
import t from 'tap'
import { build, leftNothing } from './helper.ts'
import { exchange, head } from './wire.ts'

const path = '/v1/chat/voice-sessions'
const commonHeaders = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-request-id': /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
}
const refusal = (detail: string, code: string) => ({
  body: JSON.stringify({ detail }),
  headers: { ...commonHeaders, 'x-error-code': code },
})
const notFound = refusal('Not found', 'not_found')
const notAllowed = refusal('Method not allowed', 'method_not_allowed')
const malformed = refusal('Malformed HTTP request', 'malformed_request')

const allowed = {
  [path]: 'GET, POST',
  [`${path}/any`]: 'DELETE, GET',
  [`${path}/`]: 'DELETE, GET',
  [`${path}/a%2Fb`]: 'DELETE, GET',
  '/v1/agents': 'GET',
  '/v1/agents/any': 'GET',
  '/v1/agents/': 'GET',
  '/v1/credits': 'GET',
  '/v1/usage': 'GET',
  '/v1/events': 'GET',
  '/webhooks/livekit': 'POST',
  '/': 'GET, HEAD',
  '/livez': 'GET, HEAD',
  '/readyz': 'GET, HEAD',
  '/openapi.yaml': 'GET, HEAD',
  '/openapi.json': 'GET, HEAD',
  '/openapi-3.0.json': 'GET, HEAD',
  '/docs': 'GET, HEAD',
  '/docs/': 'GET, HEAD',
  '/docs/README.md': 'GET, HEAD',
  '/docs/guide.md': 'GET, HEAD',
}

for (const [path, allow] of Object.entries(allowed)) {
  t.test(`405: every method that ${path} lacks is refused with Allow: ${allow}`, async (t) => {
    const { port } = await build(t)
    const others = METHODS.filter((method) => !allow.split(', ').includes(method))
    for (const method of others) {
      // An answer to HEAD ends where its body would begin.
      if (method === 'HEAD') continue
      const answer = await exchange(t, port, head(method, path, { 'Content-Length': '0' }))
      t.equal(answer.status, 405, method)
      t.equal(answer.headers.allow, allow, method)
      t.equal(answer.body, notAllowed.body, method)
      t.match(answer.headers, notAllowed.headers, method)
    }
  })
}

t.test('405: HEAD is not a quiet GET of an operation', async (t) => {
  const { request } = await build(t)
  for (const [path, allow] of Object.entries(allowed).filter(([, allow]) => !allow.includes('HEAD'))) {
    const answer = await request(path, { method: 'HEAD' })
    t.equal(answer.status, 405, path)
    t.equal(answer.headers.get('allow'), allow, path)
    t.equal(answer.text, '', path)
  }
})

t.test('404: a path that is not exactly a known one is unknown', async (t) => {
  const service = await build(t)
  const good = { 'X-API-Key': service.organization.key, 'Content-Type': 'application/json' }
  const body = JSON.stringify({ agent_id: service.organization.pipelineAgent })
  const paths = ['//', '/v1', '/v1/chat', `/${path}`, path.toUpperCase(), `${path};v=1`, '/metrics', '/admin']
  paths.push(`${path}/a/`, `${path}/a/b`, '/v1/credits/', '/v1/chat%2Fvoice-sessions', '/openapi_yaml')
  for (const path of [...paths, '/docs/static/none', '/docs/none', `/v1/${'a'.repeat(2000)}`, '*']) {
    for (const method of ['POST', 'GET', 'PROPFIND', 'OPTIONS']) {
      const bytes = head(method, path, { ...good, 'Content-Length': String(body.length) }) + body
      const answer = await exchange(t, service.port, bytes)
      const isFile = path.startsWith('/docs/static/') && method !== 'GET'
      t.equal(answer.status, isFile ? 405 : 404, `${method} ${path}`)
      const { body: expected, headers } = isFile ? notAllowed : notFound
      t.equal(answer.body, expected, `${method} ${path}`)
      t.match(answer.headers, headers, `${method} ${path}`)
    }
  }
  await leftNothing(t, service)
})

t.test('404, 405: nothing else of the request is judged first', async (t) => {
  const { port } = await build(t)
  const bodies = {
    'no JSON': head('PUT', 'PATH', { 'Content-Type': 'application/json', 'Content-Length': '2' }).concat('{x'),
    'no media type': head('PUT', 'PATH', { 'Content-Length': '2' }).concat('{}'),
    'another media type': head('PUT', 'PATH', { 'Content-Type': 'text/plain', 'Content-Length': '2' }).concat('hi'),
    'too large a body': head('PUT', 'PATH', { 'Content-Type': 'application/json', 'Content-Length': '20000' }),
    'a body that never comes': head('PUT', 'PATH', { 'Content-Type': 'application/json', 'Content-Length': '2' }),
    'a bad key': head('PUT', 'PATH', { 'X-API-Key': 'tk_live_nobody' }),
  }
  for (const [title, bytes] of Object.entries(bodies)) {
    t.equal((await exchange(t, port, bytes.replace('PATH', '/nowhere'))).body, notFound.body, title)
    t.equal((await exchange(t, port, bytes.replace('PATH', path))).body, notAllowed.body, title)
  }
})

t.test('a known path is known in each of its spellings', async (t) => {
  const { port } = await build(t)
  const encoded = ['/v1/chat/voice%2Dsessions', '/%761/chat/voice-sessions']
  for (const spelling of [...encoded, `${path}?x=1`, `${path}?%zz`, `http://a${path}`, `HTTPS://a:1${path}?x`]) {
    t.equal((await exchange(t, port, head('POST', spelling, { 'Content-Length': '0' }))).status, 401, spelling)
    t.equal((await exchange(t, port, head('PATCH', spelling))).headers.allow, 'GET, POST', spelling)
  }
})

t.test('405: a room may have any name that its path can carry', async (t) => {
  const { port } = await build(t)
  for (const name of ['a.b-c', 'a%25', '%2F', '..', ':room_name', '*', 'a'.repeat(15_000)]) {
    const answer = await exchange(t, port, head('PATCH', `${path}/${name}`))
    t.equal(answer.status, 405, name.slice(0, 20))
    t.equal(answer.headers.allow, 'DELETE, GET', name.slice(0, 20))
  }
})

t.test('400: an absolute URL that is none is refused like any other malformed request', async (t) => {
  const { port } = await build(t)
  for (const url of ['http://', 'http:///x', 'http://[/x', 'HTTPS://a:port/x', '/%zz']) {
    const answer = await exchange(t, port, head('GET', url))
    t.equal(answer.status, 400, url)
    t.equal(answer.body, malformed.body, url)
    t.match(answer.headers, malformed.headers, url)
  }
})
