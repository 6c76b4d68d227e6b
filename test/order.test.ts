// The order of refusal: of two faults the one that comes first in this list is answered, and the request leaves nothing.
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { generateApiKey } from '../src/api-key.ts'
import { buildBehindProxies, livekitCalls, type Proxied, refused, seedOrganization } from './helper.ts'
import type { Fault } from './proxy.ts'

const documentedPath = '/v1/chat/voice-sessions'

/** A request that is served, and what its faults change. */
const sound = {
  path: documentedPath,
  method: 'POST',
  hasKey: true,
  badKeysBefore: 0,
  requestsBefore: 0,
  contentType: 'application/json',
  bytes: 0,
  field: 'agent_id',
  end: '}',
  ownsAgent: true,
  agent: 'pipelineAgent' as 'pipelineAgent' | 'textAgent',
  credits: 100,
  maxSessions: 10,
  livekit: 'pass' as Fault,
}

type Situation = typeof sound
type Refusal = [
  what: string,
  fault: Partial<Situation>,
  status: number,
  detail: string,
  headers?: Record<string, string>,
]

const challenge = { 'www-authenticate': 'ApiKey realm="voice-sessions"' }
const wait = { 'retry-after': '' }

/** First to last; those of one rank exclude each other. */
const ranks: Refusal[][] = [
  [
    ['unknown path', { path: '/v1/chat' }, 404, 'Not found'],
    ['method that the path lacks', { method: 'PUT' }, 405, 'Method not allowed', { allow: 'GET, POST' }],
  ],
  [
    ['bad key', { hasKey: false }, 401, 'Invalid API key', challenge],
    ['bad key after too many', { hasKey: false, badKeysBefore: 20 }, 429, 'Rate limit exceeded', wait],
  ],
  [['too many requests', { requestsBefore: 1 }, 429, 'Rate limit exceeded', wait]],
  [['other type', { contentType: 'text/plain' }, 415, 'Content-Type must be application/json']],
  [['too large', { bytes: 16 * 1024 + 1 }, 413, 'Request body too large']],
  [
    ['not JSON', { end: '' }, 400, 'Invalid JSON body'],
    ['no agent_id', { field: 'agentId' }, 400, 'Agent ID is required'],
  ],
  [['foreign agent', { ownsAgent: false }, 404, 'Agent not found or does not belong to your organization']],
  [['text agent', { agent: 'textAgent' }, 400, 'Agent must be Pipeline or Realtime architecture for voice sessions']],
  [
    ['no credits', { credits: 0 }, 402, 'Insufficient credits'],
    ['too many sessions', { maxSessions: 0 }, 429, 'Too many concurrent sessions', { 'retry-after': '5' }],
  ],
  [['LiveKit down', { livekit: 'reset' }, 500, 'Failed to create voice session: LiveKit connection failed']],
]

/** Sends the request that the situation describes, of a new organization and from a new address. */
async function send(service: Proxied, is: Situation) {
  const { credits, maxSessions } = is
  const organization = await seedOrganization(service.db, { credits, maxSessions })
  const owner = is.ownsAgent ? organization : await seedOrganization(service.db)
  const badKey = generateApiKey()
  const address = { 'x-forwarded-for': randomUUID().replace(/^(.{4})(.{4}).*/, '2001:db8:$1:$2::1') }
  const ask = (path: string, method: string, key: string, body?: string) => {
    const headers = { ...address, 'x-api-key': key, 'content-type': is.contentType }
    return service.request(path, { method, headers, body: body ?? null })
  }
  for (let i = 0; i < is.badKeysBefore; i++) await ask(documentedPath, 'POST', badKey)
  for (let i = 0; i < is.requestsBefore; i++) await ask(documentedPath, 'POST', organization.key)

  await service.livekit.set(is.livekit)
  const body = `{"${is.field}":"${owner[is.agent]}"${is.end}`.padEnd(is.bytes)
  return ask(is.path, is.method, is.hasKey ? organization.key : badKey, body)
}

async function start(t: Parameters<typeof buildBehindProxies>[0]) {
  const service = await buildBehindProxies(t, {
    RATE_LIMIT_PER_MINUTE: '1',
    AGENT_JOIN_SECONDS: '300',
    TRUST_PROXY: 'true',
  })
  const sessions = () => service.db.selectFrom('voice_sessions').select(['room_name', 'status']).execute()
  return { ...service, all: sessions }
}

t.test('a request without any fault is served', async (t) => {
  t.equal((await send(await start(t), sound)).status, 200)
})

t.test('of two faults the earlier is answered', async (t) => {
  const service = await start(t)
  const before = await service.all()
  for (const [rank, refusals] of ranks.entries())
    for (const [what, fault, status, detail, headers = {}] of refusals)
      for (const [laterWhat, laterFault] of [['nothing else', {}] as const, ...ranks.slice(rank + 1).flat()])
        await t.test(`${status}: ${what}, and ${laterWhat}`, async (t) => {
          const answer = await send(service, { ...sound, ...laterFault, ...fault })
          const retryAfter = answer.headers.get('retry-after') ?? ''
          refused(t, answer, status, detail, headers === wait ? { 'retry-after': retryAfter } : headers)
          if (status === 500) return
          t.strictSame(await service.all(), before, 'no session')
          t.strictSame(livekitCalls(service.livekit), [], 'no room')
        })
})
