// A request that is not HTTP, is too slow or has too large headers is answered in the shape of every other error and leaves
// nothing behind.
import t from 'tap'
import { build, leftNothing } from './helper.ts'
import { exchange, head, openWire, type WireAnswer } from './wire.ts'

const path = '/v1/chat/voice-sessions'

/** The bytes of an answer to what Node's parser gave up on, but for the request id. */
function bareAnswer(status: string, detail: string, code: string): string {
  const body = JSON.stringify({ detail })
  const headers = [
    'content-type: application/json; charset=utf-8',
    `content-length: ${body.length}`,
    'connection: close',
    'cache-control: no-store',
    'x-content-type-options: nosniff',
    'x-request-id: ID',
    `x-error-code: ${code}`,
  ]
  return `HTTP/1.1 ${status}\r\n${headers.join('\r\n')}\r\n\r\n${body}`
}

const withoutId = ({ raw }: WireAnswer) =>
  raw.replace(/(?<=x-request-id: )[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, 'ID')

t.test('408: a request that has not arrived whole after 10 seconds is answered and cut off', async (t) => {
  const service = await build(t)
  const good = { 'X-API-Key': service.organization.key, 'Content-Type': 'application/json' }
  const slow = {
    'a body shorter than its Content-Length': `${head('POST', path, { ...good, 'Content-Length': '57' })}{"agent_id":`,
    'a chunked body without an end': `${head('POST', path, { ...good, 'Transfer-Encoding': 'chunked' })}1\r\n{\r\n`,
    'headers without an end': `POST ${path} HTTP/1.1\r\nHost: localhost\r\nX-Slow: `,
    'a request line without an end': `POST ${path}`,
  }
  const startedAt = performance.now()
  await Promise.all(
    Object.entries(slow).map(async ([title, bytes]) => {
      const wire = await openWire(t, service.port)
      wire.send(bytes)
      t.equal(
        withoutId(await wire.answer()),
        bareAnswer('408 Request Timeout', 'Request timeout', 'request_timeout'),
        title,
      )
      t.ok(performance.now() - startedAt > 9500, `${title}: not before 10 seconds`)
      t.equal(await wire.closed(), '', `${title}: closed`)
    }),
  )
  await leftNothing(t, service)
})

t.test('400: what is not HTTP is answered and cut off', async (t) => {
  const service = await build(t)
  const good = { 'X-API-Key': service.organization.key, 'Content-Type': 'application/json' }
  const malformed = {
    'no request line': 'hello\r\n\r\n',
    'an unknown method': head('FOO', path),
    'a blank in a header name': 'GET /livez HTTP/1.1\r\nHo st: localhost\r\n\r\n',
    'a NUL in a header': head('GET', '/livez', { 'X-Nul': 'a\0b' }),
    'bare line feeds': 'GET /livez HTTP/1.1\nHost: localhost\n\n',
    'HTTP/2 without being asked': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'a TLS handshake': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'a negative Content-Length': head('POST', path, { ...good, 'Content-Length': '-1' }),
    'two lengths': head('POST', path, { ...good, 'Content-Length': '2', 'Transfer-Encoding': 'chunked' }),
    'a chunk size that is no number': `${head('POST', path, { ...good, 'Transfer-Encoding': 'chunked' })}zz\r\n`,
  }
  for (const [title, bytes] of Object.entries(malformed)) {
    const wire = await openWire(t, service.port)
    wire.send(bytes)
    t.equal(
      withoutId(await wire.answer()),
      bareAnswer('400 Bad Request', 'Malformed HTTP request', 'malformed_request'),
      title,
    )
    t.equal(await wire.closed(), '', `${title}: closed`)
  }
  await leftNothing(t, service)
})

t.test('400: HTTP/1.1 needs a Host header on every path, HTTP/1.0 does not', async (t) => {
  const { port } = await build(t)
  for (const request of [`POST ${path}`, 'GET /livez', 'GET /nowhere', 'GET /v1/%zz']) {
    const answer = await exchange(t, port, `${request} HTTP/1.1\r\n\r\n`)
    t.equal(answer.status, 400, request)
    t.equal(answer.body, '{"detail":"Malformed HTTP request"}', request)
    t.match(answer.headers, commonHeaders, request)
  }
  t.equal((await exchange(t, port, 'GET /livez HTTP/1.0\r\n\r\n')).status, 200)
})

const commonHeaders = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-request-id': /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  'x-error-code': 'malformed_request',
}

t.test('400: a path that cannot be decoded is malformed, whatever the method', async (t) => {
  const { port } = await build(t)
  for (const [method, target] of [
    ['GET', '/%'],
    ['GET', '/v1/%zz'],
    ['POST', `${path}/%c3%28`],
    ['PROPFIND', '/%zz'],
  ] as const) {
    const answer = await exchange(t, port, head(method, target))
    t.equal(answer.status, 400, `${method} ${target}`)
    t.equal(answer.body, '{"detail":"Malformed HTTP request"}', `${method} ${target}`)
    t.match(answer.headers, commonHeaders, `${method} ${target}`)
  }
  t.equal((await exchange(t, port, head('GET', '/livez?%zz'))).status, 200, 'the query is nobody’s path')
})

t.test('431: headers over 16 KiB are refused, headers just below it are not', async (t) => {
  const { port } = await build(t)
  for (const bytes of [
    head('GET', '/livez', { 'X-Large': 'a'.repeat(16 * 1024) }),
    head('GET', `/${'a'.repeat(16_384)}`),
  ]) {
    const wire = await openWire(t, port)
    wire.send(bytes)
    const expected = bareAnswer('431 Request Header Fields Too Large', 'Request headers too large', 'headers_too_large')
    t.equal(withoutId(await wire.answer()), expected)
    t.equal(await wire.closed(), '', 'closed')
  }
  t.equal((await exchange(t, port, head('GET', '/livez', { 'X-Large': 'a'.repeat(15 * 1024) }))).status, 200)
})
