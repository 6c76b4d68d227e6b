// 503: LiveKit has too many requests. Whoever asks is told when to come again, and nothing is held meanwhile.
import t from 'tap'
import { buildBehindProxies, livekitCalls, refused } from '../helper.ts'

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toUTCString()
const busy = (headers: string) =>
  `HTTP/1.1 429 Too Many Requests\r\n${headers}content-type: application/json\r\ncontent-length: 29\r\n\r\n{"code":"resource_exhausted"}`

/** LiveKit's Retry-After, and ours. */
const told: [string, string | (() => string) | undefined, RegExp][] = [
  ['seconds', '7', /^7$/],
  ['a date', () => inSeconds(40), /^[2-4]\d$/],
  ['nothing', undefined, /^1$/],
  ['0', '0', /^1$/],
  ['a date that is over', () => inSeconds(-30), /^1$/],
  ['what is neither', 'soon', /^1$/],
  ['a negative number', '-5', /^1$/],
  ['a day', '86400', /^60$/],
  ['a date in a year', () => inSeconds(31_536_000), /^60$/],
  ['a number without an end', '9'.repeat(400), /^60$/],
]

for (const [what, retryAfter, ours] of told)
  t.test(`503: LiveKit answers 429, and says ${what}`, async (t) => {
    const service = await buildBehindProxies(t)
    const given = typeof retryAfter === 'function' ? retryAfter() : retryAfter
    const answer = busy(given === undefined ? '' : `retry-after: ${given}\r\n`)
    service.livekit.when('CreateRoom', { answer }, Number.POSITIVE_INFINITY)
    const refusal = await service.create()
    t.match(refusal.headers.get('retry-after'), ours)
    refused(t, refusal, 503, 'Service temporarily unavailable', {
      'retry-after': String(refusal.headers.get('retry-after')),
    })
    t.equal(await service.credits(), service.organization.openingCredits, 'credits are back')
    t.match(await service.sessions(), [{ status: 'ended', end_reason: 'create_failed', charged: 0 }])
    t.equal(livekitCalls(service.livekit).filter((call) => call === 'CreateRoom').length, 1, 'not repeated')
  })

t.test('503: another organization is served as soon as LiveKit serves it', async (t) => {
  const service = await buildBehindProxies(t)
  service.livekit.when('CreateRoom', { answer: busy('retry-after: 9\r\n') })
  t.equal((await service.create()).status, 503)
  t.equal((await service.create()).status, 200)
})
