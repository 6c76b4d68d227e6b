// The backend proxy over HTTP: each request that a page can make of it.
import { once } from 'node:events'
import { createServer, request as forward } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { cookieOf, proxyClient, sessionPath } from './backend-proxy-client.ts'
import { connection } from './connection.ts'
import { ask, backend, backendWithoutAgents, sessionOf } from './parts.ts'

const { seed } = connection
const { request, post } = proxyClient((await backendWithoutAgents(t)).url)
const FIELDS = ['room_name', 'token', 'livekit_url', 'agent_name']

t.test('start: the page’s request is answered with the API’s four fields', async (t) => {
  const { status, json, headers } = await post('/api/voice/start', { agent_id: seed.agents.realtime })
  t.equal(status, 200)
  t.same(Object.keys(json), FIELDS)
  t.match(json.room_name, new RegExp(`^agent_${seed.agents.realtime}_`))
  t.equal(headers.get('cache-control'), 'no-store')
  t.match(headers.get('set-cookie'), /; HttpOnly; SameSite=Strict$/)
  t.equal(headers.get('x-powered-by'), null)
  await request(sessionPath(json.room_name), { method: 'DELETE', headers: cookieOf(headers) })
})

t.test('start: without an agent in the body, or without a body, the configured agent is called', async (t) => {
  for (const body of [undefined, {}, { agent_id: null }]) {
    const { status, json } = await post('/api/voice/start', body)
    t.equal(status, 200)
    t.match(json.room_name, new RegExp(`^agent_${seed.agents.pipeline}_`))
  }
})

t.test(
  'start: a body without the content type of JSON is read too, because the published page sends one',
  async (t) => {
    const body = JSON.stringify({ agent_id: seed.agents.realtime })
    const { json } = await request('/api/voice/start', { method: 'POST', body })
    t.match(json.room_name, new RegExp(`^agent_${seed.agents.realtime}_`))
  },
)

t.test('start: the API’s refusals go through as they are', async (t) => {
  const voiceOnly = 'Agent must be Pipeline or Realtime architecture for voice sessions'
  const notYours = 'Agent not found or does not belong to your organization'
  const cases = [
    [{ agent_id: seed.agents.text }, 400, 'agent_not_voice', voiceOnly],
    [{ agent_id: seed.agents.foreign }, 404, 'agent_not_found', notYours],
    [{ agent_id: 7 }, 400, 'agent_id_required', 'Agent ID is required'],
  ] as const
  for (const [body, status, code, detail] of cases) {
    const answer = await post('/api/voice/start', body)
    t.match(answer, { status, json: { detail } })
    t.match(answer.headers.get('x-request-id'), /^[0-9a-f-]{36}$/)
    t.equal(answer.headers.get('x-error-code'), code)
  }
  const poor = await backend(t, { apiKey: seed.poorApiKey, agents: [{ agent_id: seed.poorAgent, name: 'Poor' }] })
  t.match(await proxyClient(poor.url).post('/api/voice/start', {}), {
    status: 402,
    json: { detail: 'Insufficient credits' },
  })
  const keyless = await backend(t, { apiKey: 'tk_live_wrong' })
  t.match(await proxyClient(keyless.url).post('/api/voice/start', {}), {
    status: 401,
    json: { detail: 'Invalid API key' },
  })
})

t.test('start: an API that cannot be reached is a 500 with the published page’s sentence', async (t) => {
  const { url } = await backend(t, { apiUrl: 'http://127.0.0.1:9' })
  const answer = await proxyClient(url).post('/api/voice/start', {})
  t.match(answer, { status: 500, json: { error: 'Failed to start voice session' } })
})

/** A gateway with the service under /voice. */
async function gateway(t: Test): Promise<string> {
  const server = createServer(({ method, headers, url = '' }, res) => {
    if (!url.startsWith('/voice/v1/')) return void res.writeHead(404).end()
    const options = { method, headers }
    forward(new URL(url.slice('/voice'.length), connection.url), options, (answer) => {
      res.writeHead(answer.statusCode as number, answer.headers)
      answer.pipe(res)
    }).end()
  }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/voice`
}

t.test('an API under a path of its host is found there', async (t) => {
  const apiUrl = await gateway(t)
  for (const written of [apiUrl, `${apiUrl}/`]) {
    const { url } = await backend(t, { apiUrl: written })
    t.match(await proxyClient(url).request('/api/voice/credits'), { status: 200, json: { available: Number } }, written)
  }
})

t.test('start: the same Idempotency-Key gets the same session', async (t) => {
  const headers = { 'Idempotency-Key': crypto.randomUUID() }
  const [first, second] = [await post('/api/voice/start', {}, headers), await post('/api/voice/start', {}, headers)]
  t.equal(first.json.room_name, second.json.room_name)
})

t.test('start: a name goes into the call’s metadata; without one there is none', async (t) => {
  const metadataOf = async (body: object) => {
    const { json } = await post('/api/voice/start', body)
    return (await sessionOf(json.room_name)).metadata
  }
  t.strictSame(await metadataOf({ name: 'Ana' }), { name: 'Ana' })
  for (const body of [{}, { name: '' }, { name: null }]) t.equal(await metadataOf(body), undefined)
  for (const name of ['a'.repeat(501), 7, ['Ana']]) {
    const { status, headers, json } = await post('/api/voice/start', { name })
    t.equal(status, 400)
    t.equal(headers.get('x-error-code'), 'invalid_metadata')
    t.strictSame(json, { detail: 'name must be a text of at most 500 characters' })
  }
})

t.test('the page gets the credits, and the agents with what the API says of each', async (t) => {
  t.same((await request('/api/voice/credits')).json, (await ask('/v1/credits')).body)
  const { body } = await ask(`/v1/agents/${seed.agents.pipeline}`)
  t.match(body, { architecture: 'pipeline', credits_per_minute: 10, max_call_minutes: 60 })
  t.strictSame((await request('/api/voice/agents')).json.agents[0], { ...body, name: 'Support Agent' })
})

t.test('an agent of which the API says nothing is there all the same', async (t) => {
  const agents = [{ agent_id: seed.agents.foreign, name: 'Foreign' }]
  for (const apiUrl of [connection.url, 'http://127.0.0.1:9']) {
    const { url } = await backend(t, { apiUrl, agents })
    t.strictSame((await proxyClient(url).request('/api/voice/agents')).json, { agents })
  }
})

t.test('broken requests are answered without a stack trace', async (t) => {
  const broken = await request('/api/voice/start', { method: 'POST', body: '{' })
  t.match(broken, { status: 400, text: '{"detail":"Invalid request"}' })
  t.match(await request('/api/voice/nothing'), { status: 404, json: { detail: 'Not found' } })
  const page = await request('/')
  t.match(page.headers.get('content-security-policy'), /default-src 'self'/)
  t.equal((await request('/../package.json')).status, 404)
})
