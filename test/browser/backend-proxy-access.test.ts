// What the backend proxy refuses: another visitor's session, and requests from the pages of other sites.
import t from 'tap'
import { cookieOf, proxyClient, sessionPath } from './backend-proxy-client.ts'
import { backend, backendWithoutAgents, sessionOf } from './parts.ts'

const { url: proxyUrl } = await backendWithoutAgents(t)
const { request, post } = proxyClient(proxyUrl)

t.test('only the visitor who started a session can read and end it', async (t) => {
  const { json, headers } = await post('/api/voice/start', {})
  const other = await post('/api/voice/start', {})
  const path = sessionPath(json.room_name)
  for (const method of ['GET', 'DELETE']) {
    for (const headers of [{}, cookieOf(other.headers), { Cookie: 'voice_ticket=é' }]) {
      const answer = await request(path, { method, headers: headers as Record<string, string> })
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

t.test('behind a proxy that does TLS the cookie is for https only, and the origin is the public one', async (t) => {
  const { post, request } = proxyClient((await backend(t, { trustProxy: true })).url)
  const outer = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'voice.example', Origin: 'https://voice.example' }
  const { status, json, headers } = await post('/api/voice/start', {}, outer)
  t.equal(status, 200)
  t.match(headers.get('set-cookie'), /; HttpOnly; Secure; SameSite=Strict$/)
  await request(sessionPath(json.room_name), { method: 'DELETE', headers: cookieOf(headers) })
})

t.test('requests from other sites are refused, also when the browser sends only Origin', async (t) => {
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
