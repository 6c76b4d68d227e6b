// The example backend over HTTP: what a page, LiveKit's clients and anybody else can get from it.
import { once } from 'node:events'
import { createServer, request as forward } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { connection } from './connection.ts'
import { ask, backend, sessionOf, silentBackend } from './parts.ts'

const { seed } = connection
const { url: proxyUrl } = await silentBackend(t)
const FIELDS = ['room_name', 'token', 'livekit_url', 'agent_name']

async function request(path: string, init: RequestInit = {}, url = proxyUrl) {
  const response = await fetch(new URL(path, url), init)
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json')
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined }
}

const post = (path: string, body?: unknown, headers: Record<string, string> = {}, url = proxyUrl) =>
  request(
    path,
    {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    },
    url,
  )

/** The ticket that came with a session. */
const cookieOf = (headers: Headers) => ({ Cookie: headers.get('set-cookie')?.split(';')[0] ?? '' })
const sessionPath = (roomName: string) => `/api/voice/sessions/${roomName}`

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

t.test('start: who names no agent calls the configured one, also without any body', async (t) => {
  for (const body of [undefined, {}]) {
    const { status, json } = await post('/api/voice/start', body)
    t.equal(status, 200)
    t.match(json.room_name, new RegExp(`^agent_${seed.agents.pipeline}_`))
  }
})

t.test(
  'start: a body that is not declared as JSON is read all the same, as the published page sends one',
  async (t) => {
    const body = JSON.stringify({ agent_id: seed.agents.realtime })
    const { json } = await request('/api/voice/start', { method: 'POST', body })
    t.match(json.room_name, new RegExp(`^agent_${seed.agents.realtime}_`))
  },
)

t.test('start: the API’s refusals go through as they are', async (t) => {
  const cases = [
    [{ agent_id: seed.agents.text }, 400, 'Agent must be Pipeline or Realtime architecture for voice sessions'],
    [{ agent_id: seed.agents.foreign }, 404, 'Agent not found or does not belong to your organization'],
    [{ agent_id: 7 }, 400, 'Agent ID is required'],
  ] as const
  for (const [body, status, detail] of cases) {
    const answer = await post('/api/voice/start', body)
    t.match(answer, { status, json: { detail } })
    t.match(answer.headers.get('x-request-id'), /^[0-9a-f-]{36}$/)
  }
  const poor = await backend(t, { apiKey: seed.poorApiKey, agents: [{ agent_id: seed.poorAgent, name: 'Poor' }] })
  t.match(await post('/api/voice/start', {}, {}, poor.url), { status: 402, json: { detail: 'Insufficient credits' } })
  const keyless = await backend(t, { apiKey: 'tk_live_wrong' })
  t.match(await post('/api/voice/start', {}, {}, keyless.url), { status: 401, json: { detail: 'Invalid API key' } })
})

t.test('start: an API that cannot be reached is a 500 with the published page’s sentence', async (t) => {
  const { url } = await backend(t, { apiUrl: 'http://127.0.0.1:9' })
  const answer = await post('/api/voice/start', {}, {}, url)
  t.match(answer, { status: 500, json: { error: 'Failed to start voice session' } })
})

/** A gateway that has the service under /voice. */
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

t.test('an API that is under a path of its host is found there', async (t) => {
  const apiUrl = await gateway(t)
  for (const written of [apiUrl, `${apiUrl}/`]) {
    const { url } = await backend(t, { apiUrl: written })
    t.match(await request('/api/voice/credits', {}, url), { status: 200, json: { available: Number } }, written)
  }
})

t.test('start: the same Idempotency-Key gets the same session', async (t) => {
  const headers = { 'Idempotency-Key': crypto.randomUUID() }
  const [first, second] = [await post('/api/voice/start', {}, headers), await post('/api/voice/start', {}, headers)]
  t.equal(first.json.room_name, second.json.room_name)
})

t.test('sessions: its own holder can look at it and end it, nobody else', async (t) => {
  const { json, headers } = await post('/api/voice/start', {})
  const other = await post('/api/voice/start', {})
  const path = sessionPath(json.room_name)
  for (const method of ['GET', 'DELETE']) {
    for (const strange of [{}, cookieOf(other.headers), { Cookie: 'voice_ticket=é' }]) {
      const answer = await request(path, { method, headers: strange as Record<string, string> })
      t.match(answer, { status: 404, json: { detail: 'Voice session not found' } })
    }
  }
  t.equal((await sessionOf(json.room_name)).status, 'active')
  const own = { headers: cookieOf(headers) }
  t.match(await request(path, own), { status: 200, json: { status: 'active', credits_held: 10 } })
  const ended = { status: 200, json: { status: 'ended', end_reason: 'ended_by_api', credits_charged: 0 } }
  t.match(await request(path, { method: 'DELETE', ...own }), ended)
  t.match(await request(path, { method: 'DELETE', ...own }), ended, 'and again')
})

t.test('behind a proxy that does TLS the ticket is for https only, and the origin is the outer one', async (t) => {
  const { url } = await backend(t, { trustProxy: true })
  const outer = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'voice.example', Origin: 'https://voice.example' }
  const { status, json, headers } = await post('/api/voice/start', {}, outer, url)
  t.equal(status, 200)
  t.match(headers.get('set-cookie'), /; HttpOnly; Secure; SameSite=Strict$/)
  await request(sessionPath(json.room_name), { method: 'DELETE', headers: cookieOf(headers) }, url)
})

t.test('credits and agents are there for the page', async (t) => {
  t.same((await request('/api/voice/credits')).json, (await ask('/v1/credits')).body)
  t.same((await request('/api/voice/agents')).json.agents[0], { agent_id: seed.agents.pipeline, name: 'Support Agent' })
})

t.test('other sites are refused, also by a browser that says only its Origin', async (t) => {
  const { origin, host } = new URL(proxyUrl)
  const foreign = [
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { 'Sec-Fetch-Site': 'same-site', Origin: origin },
    { Origin: 'https://elsewhere.example' },
    { Origin: `http://elsewhere.${host}` },
    { Origin: 'null' },
  ] as Record<string, string>[]
  for (const headers of foreign) {
    const answer = await post('/api/voice/start', {}, headers)
    t.match(answer, { status: 403, json: { detail: 'Not from other sites' } }, JSON.stringify(headers))
  }
  const own = [{ 'Sec-Fetch-Site': 'same-origin', Origin: origin }, { Origin: origin }, {}] as Record<string, string>[]
  for (const headers of own) {
    t.equal((await post('/api/voice/start', {}, headers)).status, 200, JSON.stringify(headers))
  }
})

t.test('broken requests are answered without a stack', async (t) => {
  const broken = await request('/api/voice/start', { method: 'POST', body: '{' })
  t.match(broken, { status: 400, text: '{"detail":"Invalid request"}' })
  t.match(await request('/api/voice/nothing'), { status: 404, json: { detail: 'Not found' } })
  const page = await request('/')
  t.match(page.headers.get('content-security-policy'), /default-src 'self'/)
  t.equal((await request('/../package.json')).status, 404)
})
