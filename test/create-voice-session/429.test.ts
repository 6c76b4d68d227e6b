// 429: too many requests with a key, too many bad keys from an address, or too many open sessions.
import t, { type Test } from 'tap'
import { generateApiKey } from '../../src/api-key.ts'
import {
  type Answer,
  buildBehindProxies,
  livekitCalls,
  ownHeaders,
  refused,
  roomsOf,
  seedOrganization,
} from '../helper.ts'

const sentence = 'Rate limit exceeded'

/** The whole seconds that the refusal says to wait. */
function retryAfter(t: Test, { headers }: Answer): number {
  const seconds = headers.get('retry-after') ?? ''
  t.match(seconds, /^([1-9]|[1-5]\d|60)$/, 'Retry-After')
  return Number(seconds)
}

/** From now on it is so much later, for this test. */
function setClockForward(t: Test, milliseconds: number): void {
  const now = Date.now
  Date.now = () => now() + milliseconds
  t.teardown(() => {
    Date.now = now
  })
}

t.test('429: a key may ask so often in a minute, whatever its requests are worth', async (t) => {
  const service = await buildBehindProxies(t, { RATE_LIMIT_PER_MINUTE: '4' })
  const answers = [
    await service.create(),
    await service.post('{}'),
    await service.post('x', { 'content-type': 'text/plain' }),
    await service.create(service.organization.textAgent),
  ]
  t.strictSame(
    answers.map(({ status }) => status),
    [200, 400, 415, 400],
  )
  t.strictSame(
    answers.map(({ headers }) => headers.get('x-ratelimit-limit')),
    ['4', '4', '4', '4'],
  )
  t.strictSame(
    answers.map(({ headers }) => headers.get('x-ratelimit-remaining')),
    ['3', '2', '1', '0'],
  )

  const answer = await service.post('{')
  const seconds = String(retryAfter(t, answer))
  refused(t, answer, 429, sentence, { 'retry-after': seconds })
  t.match(ownHeaders(t, answer.headers), {
    'x-ratelimit-limit': '4',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': seconds,
  })

  const { key } = await seedOrganization(service.db)
  t.equal(
    (await service.post('{}', {}, key)).headers.get('x-ratelimit-remaining'),
    '3',
    'another key has its own count',
  )
})

t.test('429: a minute is a minute from the first request, however often one asks in between', async (t) => {
  const service = await buildBehindProxies(t, { RATE_LIMIT_PER_MINUTE: '1' })
  t.equal((await service.post('{}')).status, 400)
  setClockForward(t, 50_000)
  for (let i = 0; i < 3; i++) t.ok(retryAfter(t, await service.post('{}')) <= 10)
  setClockForward(t, 10_000)
  const answer = await service.post('{}')
  t.equal(answer.status, 400)
  t.equal(answer.headers.get('x-ratelimit-reset'), '60')
})

t.test('429: after 20 bad keys from an address; no key at all is no bad key', async (t) => {
  const service = await buildBehindProxies(t)
  const bad = (forwardedFor = '') => service.create(undefined, { 'x-forwarded-for': forwardedFor }, generateApiKey())
  for (let i = 0; i < 25; i++) t.equal((await service.create(undefined, {}, '')).status, 401)
  for (let i = 0; i < 19; i++) t.equal((await bad()).status, 401)
  t.equal((await service.create(undefined, {}, 'malformed')).status, 401)
  const answer = await service.create(undefined, {}, 'malformed')
  refused(t, answer, 429, sentence, { 'retry-after': String(retryAfter(t, answer)) })
  t.notOk(answer.headers.has('x-ratelimit-limit'), 'a bad key learns nothing of a good key’s limit')
  t.equal((await bad('203.0.113.7')).status, 429, 'an address is not what the caller says')

  t.equal((await service.create(undefined, {}, '')).status, 401, 'no key is 401 as before')
  t.equal((await service.create()).status, 200, 'a good key is never refused')
  t.equal((await service.create()).headers.get('x-ratelimit-remaining'), '298', 'nor does a bad one count for it')
})

t.test(
  '429: bad keys are counted for a minute from the first, for each address that a trusted proxy names',
  async (t) => {
    const service = await buildBehindProxies(t, { TRUST_PROXY: '127.0.0.1' })
    const bad = async (address: string) => {
      const { status } = await service.create(undefined, { 'x-forwarded-for': address }, generateApiKey())
      return status
    }
    for (let i = 0; i < 20; i++) await bad('203.0.113.7')
    t.equal(await bad('203.0.113.7'), 429)
    t.equal(await bad('203.0.113.8'), 401)
    setClockForward(t, 50_000)
    for (let i = 0; i < 3; i++) t.equal(await bad('203.0.113.7'), 429)
    setClockForward(t, 10_000)
    t.equal(await bad('203.0.113.7'), 401)
  },
)

t.test('429: an organization has as many sessions open as it may have', async (t) => {
  const service = await buildBehindProxies(t, {}, { maxSessions: 1 })
  const { pipelineAgent, realtimeAgent } = service.organization
  const { json } = await service.create()
  for (const agent of [pipelineAgent, realtimeAgent])
    refused(t, await service.create(agent), 429, 'Too many concurrent sessions', { 'retry-after': '5' })
  t.strictSame(await roomsOf(pipelineAgent), [json.room_name])
  t.strictSame(await roomsOf(realtimeAgent), [])
  t.equal((await service.sessions()).length, 1)
  t.equal(await service.credits(), service.organization.openingCredits - 10)
  t.strictSame(livekitCalls(service.livekit), ['CreateRoom'])
})
