// The backend proxy as a token endpoint of LiveKit, used by livekit-client's own TokenSource: what it gives, what it refuses,
// and that it never gives the token of an ended session again.
import { TokenSource, type TokenSourceFetchOptions } from 'livekit-client'
import t from 'tap'
import { voiceSessionTokens } from '../../examples/react/src/token-source.ts'
import { proxyClient } from './backend-proxy-client.ts'
import { connection } from './connection.ts'
import { ask, backend, backendWithoutAgents, sessionOf } from './parts.ts'

const { seed } = connection
const url = `${(await backendWithoutAgents(t)).url}/api/voice/token`

interface Grants {
  room: string
  canPublishData: boolean
}

const grantsOf = (token: string): Grants =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).video

const end = (roomName: string) => ask(`/v1/chat/voice-sessions/${roomName}`, { method: 'DELETE' })

/** Whether LiveKit accepts the token, asked the way LiveKit's clients ask. */
async function admits(token: string): Promise<boolean> {
  const address = new URL(connection.livekit.url.replace('ws', 'http'))
  address.pathname = '/rtc/validate'
  address.searchParams.set('access_token', token)
  return (await fetch(address)).ok
}

t.test('201 with exactly server_url and participant_token, for the agent of the backend’s choice', async (t) => {
  const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' })
  t.equal(response.status, 201)
  const answer = await response.json()
  t.same(Object.keys(answer), ['server_url', 'participant_token'])
  t.equal(answer.server_url, connection.livekit.url)
  t.match(grantsOf(answer.participant_token), {
    room: new RegExp(`^agent_${seed.agents.pipeline}_`),
    canPublishData: false,
  })
})

t.test('livekit-client’s own TokenSource gets its credentials there', async (t) => {
  const { serverUrl, participantToken } = await TokenSource.endpoint(url).fetch({})
  t.equal(serverUrl, connection.livekit.url)
  t.ok(await admits(participantToken))
})

t.test('a client that chooses what only the backend may choose gets a 400, and no session is made', async (t) => {
  const asked: TokenSourceFetchOptions[] = [
    { agentName: 'voice-agent' },
    { agentMetadata: '{}' },
    { agentName: '' },
    { roomName: 'lobby' },
    { participantIdentity: 'root' },
    { participantMetadata: '{}' },
    { participantAttributes: { role: 'admin' } },
  ]
  const before = (await ask('/v1/chat/voice-sessions?limit=1')).body
  for (const options of asked) {
    await t.rejects(TokenSource.endpoint(url).fetch(options), /received 400/, JSON.stringify(options))
  }
  const bodies = [
    { room_config: { agents: [{ agent_name: 'voice-agent' }] } },
    { roomConfig: { agents: [{ agentName: 'voice-agent' }] } },
    { agent_name: 'voice-agent' },
  ]
  for (const body of bodies) {
    const headers = { 'Content-Type': 'application/json' }
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
    t.equal(response.status, 400, JSON.stringify(body))
    t.match((await response.json()).detail, /cannot be chosen/)
  }
  t.same((await ask('/v1/chat/voice-sessions?limit=1')).body, before)
})

t.test(
  'the name that a client gives its participant goes into the call’s metadata, and into nothing else',
  async (t) => {
    const { participantToken } = await TokenSource.endpoint(url).fetch({ participantName: 'Ana' })
    const { metadata, user_id } = await sessionOf(grantsOf(participantToken).room)
    t.strictSame({ metadata, user_id }, { metadata: { name: 'Ana' }, user_id: 'user123' })
    const claims = JSON.parse(Buffer.from(participantToken.split('.')[1] ?? '', 'base64url').toString())
    t.strictSame(Object.keys(claims).sort(), ['exp', 'iss', 'nbf', 'sub', 'video'])
    t.equal(claims.sub, 'user123')

    const { json } = await proxyClient(url).post('/api/voice/token', { participantName: 'Ana' })
    const other = await sessionOf(grantsOf(json.participant_token).room)
    t.strictSame(other.metadata, { name: 'Ana' }, 'in the spelling of protobuf’s JSON, too')
    const refused = await proxyClient(url).post('/api/voice/token', { participant_name: 'a'.repeat(501) })
    t.equal(refused.status, 400)
    t.equal(refused.headers.get('x-error-code'), 'invalid_metadata')
    t.strictSame(refused.json, { detail: 'participant_name must be a text of at most 500 characters' })
  },
)

t.test('fields that a client leaves empty are ignored', async (t) => {
  const body = { room_name: '', participant_name: '', participant_attributes: {}, room_config: { agents: [] } }
  const { status, json } = await proxyClient(url).post('/api/voice/token', body)
  t.equal(status, 201)
  t.notOk('metadata' in (await sessionOf(grantsOf(json.participant_token).room)))
})

t.test('the API’s refusal is passed on', async (t) => {
  const agents = [{ agent_id: seed.poorAgent, name: 'Poor' }]
  const { url } = await backend(t, { apiKey: seed.poorApiKey, agents })
  const { status, json, headers } = await proxyClient(url).post('/api/voice/token', {})
  t.match({ status, json }, { status: 402, json: { detail: 'Insufficient credits' } })
  t.match(headers.get('x-request-id'), /^[0-9a-f-]{36}$/)
})

t.test('the token of an ended session is never given again', async (t) => {
  const cached = TokenSource.endpoint(url)
  const finished = await cached.fetch({})
  await end(grantsOf(finished.participantToken).room)
  t.notOk(await admits(finished.participantToken), 'LiveKit has no room for it any more')
  const again = await cached.fetch({})
  t.equal(
    again.participantToken,
    finished.participantToken,
    'but TokenSource.endpoint alone gives it again for an hour',
  )

  const tokens = voiceSessionTokens(url)
  const first = await tokens.fetch()
  await end(grantsOf(first.participantToken).room)
  const second = await tokens.fetch()
  t.not(second.participantToken, first.participantToken, 'the example’s source asks again')
  t.ok(await admits(second.participantToken), 'and what it gives opens a room')
})
