// The receipt comes by itself: the service tells the backend proxy of the end, and the proxy the page.
import t, { type Test } from 'tap'
import { createDatabase } from '../../src/repositories/database.ts'
import { createEndpoint, deleteEndpoint, listEndpoints } from '../../src/repositories/webhook-endpoints.ts'
import { generateWebhookSecret } from '../../src/webhook-secret.ts'
import { through } from '../through.ts'
import { cookieOf, proxyClient, sessionPath } from './backend-proxy-client.ts'
import { connection } from './connection.ts'
import { ask, backend, SLOW_MS } from './parts.ts'

const { seed } = connection
const db = createDatabase(connection.databaseUrl)
t.teardown(() => db.destroy())

/** A backend proxy that is told of events, and the way on which it asks the service. */
async function told(t: Test) {
  const { proxy, url: apiUrl } = await through(t, connection.url)
  const webhookSecret = generateWebhookSecret()
  const { url } = await backend(t, { apiUrl, webhookSecret })
  const organization_id = seed.organizationId
  const { id } = await createEndpoint(db, {
    ...{ organization_id, url: `${url}/webhooks/voice`, events: ['call.ended'], secret: webhookSecret },
  })
  t.teardown(async () => {
    const endpoint = (await listEndpoints(db, organization_id)).find((endpoint) => endpoint.id === id)
    if (endpoint) await deleteEndpoint(db, endpoint)
  })
  return { url, proxy, ...proxyClient(url) }
}

/** The page's question for the receipt: its answer goes on until the call has ended. */
const wait = async (url: string, roomName: string, headers: Record<string, string>) =>
  fetch(`${url}${sessionPath(roomName)}/receipt`, { headers, signal: AbortSignal.timeout(SLOW_MS) })

t.test('the page that waits is told of the end, with the session, and nobody asks again and again', async (t) => {
  const { url, proxy, post } = await told(t)
  const { json, headers } = await post('/api/voice/start', {})
  const answer = await wait(url, json.room_name, cookieOf(headers))
  t.equal(answer.status, 200)
  t.match(answer.headers.get('content-type'), /^text\/event-stream/)
  const text = answer.text()
  const { body: ended } = await ask(`/v1/chat/voice-sessions/${json.room_name}`, { method: 'DELETE' })
  t.match(ended, { status: 'ended' })
  const [, data = ''] = /^event: ended\ndata: (.*)$/m.exec(await text) ?? []
  t.same(JSON.parse(data), ended)
  t.equal(
    proxy.texts.filter((request) => request.startsWith(`GET /v1/chat/voice-sessions/${json.room_name}`)).length,
    1,
  )
})

t.test('who asks after the end is told at once; without the cookie nobody is', async (t) => {
  const { url, post } = await told(t)
  const { json, headers } = await post('/api/voice/start', {})
  await ask(`/v1/chat/voice-sessions/${json.room_name}`, { method: 'DELETE' })
  t.match(await (await wait(url, json.room_name, cookieOf(headers))).text(), /^event: ended$/m)
  t.equal((await wait(url, json.room_name, {})).status, 404)
})

t.test('a backend without an endpoint ends the answer, and the page asks again', async (t) => {
  const { url } = await backend(t)
  const { request, post } = proxyClient(url)
  const { json, headers } = await post('/api/voice/start', {})
  t.equal(await (await wait(url, json.room_name, cookieOf(headers))).text(), 'retry: 2000\n\n')
  t.equal((await request('/webhooks/voice', { method: 'POST', body: '{}' })).status, 404)
  await ask(`/v1/chat/voice-sessions/${json.room_name}`, { method: 'DELETE' })
})

t.test('what the service did not sign is refused', async (t) => {
  const { request } = await told(t)
  const headers = {
    'webhook-id': `evt_${'0'.repeat(32)}`,
    'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
    'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}`,
  }
  const body = '{"type":"call.ended","data":{"room_name":"x"}}'
  t.equal((await request('/webhooks/voice', { method: 'POST', headers, body })).status, 401)
  t.equal((await request('/webhooks/voice', { method: 'POST' })).status, 401)
})
