// Connections that misbehave, or say what means nothing to the service: it outlives them.
import t from 'tap'
import { build } from './helper.ts'
import { exchange, head, openWire } from './wire.ts'

const path = '/v1/chat/voice-sessions'

t.test('the service outlives a connection that is reset in the middle of a request', async (t) => {
  const { port, request } = await build(t)
  for (const bytes of ['', 'POST', head('POST', path, { 'Content-Length': '9' }), head('CONNECT', path)]) {
    const wire = await openWire(t, port)
    wire.send(bytes)
    wire.reset()
    t.equal((await request('/livez')).status, 200)
  }
})

t.test('an Expect header that means nothing to the service is ignored', async (t) => {
  const { port } = await build(t)
  const answer = await exchange(t, port, head('POST', path, { Expect: 'the-unexpected', 'Content-Length': '0' }))
  t.equal(answer.status, 401)
  t.equal(answer.body, '{"detail":"Invalid API key"}')
  t.equal(answer.headers['x-error-code'], 'invalid_api_key')
})

t.test(
  'the service outlives a CONNECT that is sent ahead, and closes the connection of one that it has answered',
  async (t) => {
    const { port, request, authorized } = await build(t)
    const ahead = await openWire(t, port)
    ahead.send(head('GET', '/v1/credits', authorized) + head('CONNECT', path))
    await ahead.closed()
    const alone = await openWire(t, port)
    alone.send(head('CONNECT', path))
    t.match(await alone.answer(), { status: 405, headers: { 'x-error-code': 'method_not_allowed' } })
    t.equal(await alone.closed(), '')
    t.equal((await request('/livez')).status, 200)
  },
)
