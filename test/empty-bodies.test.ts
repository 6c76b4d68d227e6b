// An empty body is no body, whatever type a client says that it has: `curl -d ''` says that of a form, others that of a text.
import t, { type Test } from 'tap'
import { build, type Service, until } from './helper.ts'
import { exchange, head, openWire } from './wire.ts'

const sessions = '/v1/chat/voice-sessions'
const types = ['application/x-www-form-urlencoded', 'text/plain;charset=UTF-8', 'application/json', 'json', '']
const empty = { length: { 'Content-Length': '0' }, chunks: { 'Transfer-Encoding': 'chunked' }, nothing: {} }

/** What answers a request whose empty body is sent in this way, under this type. */
function answerTo(t: Test, service: Service, method: string, path: string, way: keyof typeof empty, type: string) {
  const headers = { 'X-API-Key': service.organization.key, 'Content-Type': type, ...empty[way] }
  return exchange(t, service.port, head(method, path, headers) + (way === 'chunks' ? '0\r\n\r\n' : ''))
}

t.test('200: a call is ended by a DELETE whose body is empty, whatever its type', async (t) => {
  const service = await build(t)
  const created = await service.create()
  for (const way of ['length', 'chunks', 'nothing'] as const)
    for (const type of types) {
      const answer = await answerTo(t, service, 'DELETE', `${sessions}/${created.json.room_name}`, way, type)
      t.equal(answer.status, 200, `${way}, ${type}`)
      t.equal(JSON.parse(answer.body).status, 'ended')
    }
})

t.test('400: a create without a body lacks its agent, and not another type', async (t) => {
  const service = await build(t)
  for (const way of ['length', 'chunks', 'nothing'] as const)
    for (const type of types) {
      const answer = await answerTo(t, service, 'POST', sessions, way, type)
      t.equal(answer.body, '{"detail":"Agent ID is required"}', `${way}, ${type}`)
    }
})

t.test('every other route judges it like no body, too', async (t) => {
  const service = await build(t)
  const statuses = { [sessions]: 200, '/v1/credits': 200, '/livez': 200, '/nowhere': 404 }
  for (const [path, status] of Object.entries(statuses))
    for (const way of ['length', 'chunks'] as const)
      t.equal((await answerTo(t, service, 'GET', path, way, 'text/plain')).status, status, `${path}, ${way}`)
  t.equal((await answerTo(t, service, 'PUT', sessions, 'length', 'text/plain')).status, 405)
  t.equal((await answerTo(t, service, 'POST', '/webhooks/livekit', 'length', 'text/plain')).status, 401)
})

t.test('415: a body of one byte is one, in one piece or in chunks, and the connection is kept', async (t) => {
  const service = await build(t)
  const wire = await openWire(t, service.port)
  const headers = { 'X-API-Key': service.organization.key, 'Content-Type': 'text/plain' }
  for (const method of ['DELETE', 'POST']) {
    const path = method === 'POST' ? sessions : `${sessions}/room`
    for (const bytes of [
      `${head(method, path, { ...headers, ...empty.chunks })}1\r\nx\r\n0\r\n\r\n`,
      `${head(method, path, { ...headers, 'Content-Length': '1' })}x`,
    ]) {
      wire.send(bytes)
      t.equal((await wire.answer()).status, 415, method)
    }
  }
})

t.test('a client that goes away before the first chunk is no fault of ours', async (t) => {
  const service = await build(t)
  const statuses: number[] = []
  service.app.server.on('request', (_, response) => response.on('close', () => statuses.push(response.statusCode)))
  const wire = await openWire(t, service.port)
  const headers = { 'X-API-Key': service.organization.key, 'Content-Type': 'text/plain', ...empty.chunks }
  wire.send(head('POST', sessions, headers))
  await service.get('/v1/credits')
  wire.reset()
  await until(async () => statuses.length === 2)
  t.notOk(statuses.includes(500))
})
