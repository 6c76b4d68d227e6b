// Whether LiveKit's events come at all: without them sessions are watched more closely, and no event that LiveKit signed is
// lost only because its clock is not ours.
import { sql } from 'kysely'
import t from 'tap'
import { signLiveKitEvent } from '../accept/signature.ts'
import { build, buildBehindProxies, type Proxied, parts, refused, until } from './helper.ts'
import { jsonAnswer } from './json-answer.ts'
import { participant, sendLiveKitEvent, signed } from './livekit-events.ts'

const event = { event: 'room_started', room: { name: 'somebody else’s' } }
const send = (service: Proxied) => sendLiveKitEvent(service.request, event)

/** A session in which caller and agent talk, as LiveKit tells whoever asks. */
async function talking(t: Parameters<typeof buildBehindProxies>[0]) {
  const service = await buildBehindProxies(t)
  const name: string = (await service.create()).json.room_name
  const answer = jsonAnswer({ participants: [participant('agent', 0), participant('caller', 0)] })
  service.livekit.when('ListParticipants', { answer }, 1000)
  const look = async () => {
    const { rows } = await sql<{ attempt: number; seconds: number }>`
      SELECT attempt, EXTRACT(EPOCH FROM wake_at - now())::float AS seconds FROM voice_sessions
      WHERE room_name = ${name}`.execute(service.db)
    return rows[0] as (typeof rows)[0]
  }
  /** Has the session looked at; seconds until it is looked at next. */
  const next = async () => {
    const { attempt } = await look()
    const decisions = () => service.database.count('wake') + service.database.count('extend')
    const before = decisions()
    await sql`UPDATE voice_sessions SET wake_at = now() WHERE room_name = ${name}`.execute(service.db)
    await until(async () => (await look()).attempt > attempt && decisions() > before, 60_000)
    return until(async () => {
      const { seconds } = await look()
      // A claim lasts for half a minute.
      return (seconds < 16 || seconds > 31) && seconds
    })
  }
  return { service, name, next }
}

const set = ({ db }: Proxied, lastAt: ReturnType<typeof sql>) =>
  sql`UPDATE webhook_arrival SET last_at = ${lastAt}`.execute(db)

t.test('a call is looked at every minute while LiveKit’s events come, every 15 s while none comes', async (t) => {
  const { service, next } = await talking(t)
  t.ok((await next()) <= 15, 'none ever came')
  const forged = await signed(JSON.stringify(event), { secret: 'x'.repeat(32) })
  const headers = { 'content-type': 'application/webhook+json', authorization: forged }
  await service.request('/webhooks/livekit', { method: 'POST', headers, body: JSON.stringify(event) })
  t.ok((await next()) <= 15, 'a forged one is none')
  t.equal((await send(service)).status, 200)
  t.ok((await next()) > 31)
  await set(service, sql`now() - interval '110 s'`)
  t.ok((await next()) > 31, 'one came to another replica nearly two minutes ago')
  await set(service, sql`now() - interval '121 s'`)
  t.ok((await next()) <= 15, 'none since')
  await set(service, sql`now() + interval '1 h'`)
  t.ok((await next()) <= 15, 'the last one came before the clock was set back')
})

t.test('that LiveKit’s events come is written once for many events, and again where it could not be', async (t) => {
  const service = await buildBehindProxies(t)
  const writes = () => service.database.count('recordLiveKitEventArrival')
  service.database.when('recordLiveKitEventArrival', 'close')
  refused(t, await send(service), 503, 'Service temporarily unavailable', { 'retry-after': '1' })
  t.equal(writes(), 1)
  for (const answer of await Promise.all(Array.from({ length: 30 }, () => send(service)))) t.equal(answer.status, 200)
  t.equal(writes(), 2)
})

t.test('without the row that tells of LiveKit’s events, as an older replica leaves it, all goes on', async (t) => {
  const { service, name, next } = await talking(t)
  await send(service)
  await sql`DELETE FROM webhook_arrival`.execute(service.db)
  t.ok((await next()) <= 15)
  const path = `/v1/chat/voice-sessions/${name}`
  t.match((await service.request(path, { method: 'DELETE', headers: service.authorized })).json, { status: 'ended' })
})

t.test('one of LiveKit’s events is believed while LiveKit’s clock is up to five minutes from ours', async (t) => {
  const service = await build(t)
  const body = JSON.stringify(event)
  const status = async (secondsAhead: number) => {
    const { livekitApiKey: apiKey, livekitApiSecret: apiSecret } = parts
    const authorization = signLiveKitEvent(body, { apiKey, apiSecret }, Date.now() + secondsAhead * 1000)
    const headers = { 'content-type': 'application/webhook+json', authorization }
    return (await service.request('/webhooks/livekit', { method: 'POST', headers, body })).status
  }
  // Each is good for five minutes from the time at which it was signed.
  for (const seconds of [0, 40, 290, -40, -290, -590]) t.equal(await status(seconds), 200, `${seconds} s ahead`)
  for (const seconds of [310, 3600, -610, -3600]) t.equal(await status(seconds), 401, `${seconds} s ahead`)
})
