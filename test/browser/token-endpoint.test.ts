// LiveKit's token-endpoint convention, with livekit-client's own TokenSource: what it gives, what it refuses, and that the
// token of a finished session is not given again.
import { TokenSource, type TokenSourceFetchOptions } from 'livekit-client'
import t from 'tap'
import { voiceSessionTokens } from '../../examples/react/src/token-source.ts'
import { connection } from './connection.ts'
import { ask, backend, silentBackend } from './parts.ts'
import { proxyClient } from './proxy-client.ts'

const { seed } = connection
const url = `${(await silentBackend(t)).url}/api/voice/token`

interface Grants {
  room: string
  canPublishData: boolean
}

const grantsOf = (token: string): Grants =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).video

const end = (roomName: string) => ask(`/v1/chat/voice-sessions/${roomName}`, { method: 'DELETE' })

/** LiveKit's verdict on a token, asked as its clients ask. */
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

t.test('livekit-client gets its credentials from it', async (t) => {
  const { serverUrl, participantToken } = await TokenSource.endpoint(url).fetch({})
  t.equal(serverUrl, connection.livekit.url)
  t.ok(await admits(participantToken))
})

t.test('what a client may not choose is a 400, and makes no session', async (t) => {
  const asked: TokenSourceFetchOptions[] = [
    { agentName: 'voice-agent' },
    { agentMetadata: '{}' },
    { agentName: '' },
    { roomName: 'lobby' },
    { participantIdentity: 'root' },
    { participantName: 'Root' },
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

t.test('what a client leaves empty is not asked for', async (t) => {
  const body = JSON.stringify({ room_name: '', participant_attributes: {}, room_config: { agents: [] } })
  const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
  t.equal(response.status, 201)
})

t.test('the API’s refusal comes through', async (t) => {
  const agents = [{ agent_id: seed.poorAgent, name: 'Poor' }]
  const { url } = await backend(t, { apiKey: seed.poorApiKey, agents })
  const { status, json, headers } = await proxyClient(url).post('/api/voice/token', {})
  t.match({ status, json }, { status: 402, json: { detail: 'Insufficient credits' } })
  t.match(headers.get('x-request-id'), /^[0-9a-f-]{36}$/)
})

t.test('the token of a finished session is never given again', async (t) => {
  const cached = TokenSource.endpoint(url)
  const finished = await cached.fetch({})
  await end(grantsOf(finished.participantToken).room)
  t.notOk(await admits(finished.participantToken), 'LiveKit has no room for it any more')
  const again = await cached.fetch({})
  t.equal(again.participantToken, finished.participantToken, 'yet TokenSource.endpoint alone gives it for its hour')

  const tokens = voiceSessionTokens(url)
  const first = await tokens.fetch()
  await end(grantsOf(first.participantToken).room)
  const second = await tokens.fetch()
  t.not(second.participantToken, first.participantToken, 'the example’s source asks again')
  t.ok(await admits(second.participantToken), 'and what it gives opens a room')
})
