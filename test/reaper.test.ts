// The reaper: every open session is looked at when its time has come, and nothing stays open without a reason. (Real calls
// are in `accept`; here LiveKit's answers are real or, where a node would have to die, a proxy's.)
import { sql } from 'kysely'
import t from 'tap'
import { buildBehindProxies, type Proxied, rooms, roomsOf, until } from './helper.ts'
import { participant, sendLiveKitEvent } from './livekit-events.ts'
import { inAMinute } from './park.ts'

const unavailable = {
  answer:
    'HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: 45\r\nConnection: close\r\n\r\n{"code":"unavailable","msg":"no response xxx"}',
}

const set = (service: Proxied, name: string, change: ReturnType<typeof sql>) =>
  sql`UPDATE voice_sessions SET ${change} WHERE room_name = ${name}`.execute(service.db)

/** A session whose time has come, with these changes. */
async function due(service: Proxied, change = sql`attempt = attempt`, wakeAt = sql`now() - interval '1 s'`) {
  const { json } = await service.create()
  await set(service, json.room_name, sql`wake_at = ${wakeAt}, ${change}`)
  return json.room_name as string
}

const ended = (service: Proxied, name: string) =>
  until(async () => {
    const { json } = await service.get(`/v1/chat/voice-sessions/${name}`)
    return json.status === 'ended' && json
  }, 60_000)

const look = async (service: Proxied, name: string) => {
  const { rows } = await sql<{ seconds: number; lost: boolean; attempt: number; held: number }>`
    SELECT EXTRACT(EPOCH FROM wake_at - now())::float AS seconds, lost_since IS NOT NULL AS lost, attempt, held
    FROM voice_sessions WHERE room_name = ${name}`.execute(service.db)
  return rows[0] as (typeof rows)[0]
}

const join = (service: Proxied, name: string, kind: 'caller' | 'agent', secondsAgo: number) =>
  sendLiveKitEvent(service.request, {
    event: 'participant_joined',
    room: { name },
    participant: participant(kind, secondsAgo),
  })

t.test('an abandoned create is settled without asking LiveKit, and its room deleted', async (t) => {
  const service = await buildBehindProxies(t)
  const name = await due(service, sql`status = 'creating'`)
  t.match(await ended(service, name), { end_reason: 'create_abandoned', credits_charged: 0 })
  await until(async () => (await roomsOf(service.organization.pipelineAgent)).length === 0)
  t.equal(service.livekit.count('ListParticipants'), 0)
})

t.test('a verdict that was not carried out is', async (t) => {
  const service = await buildBehindProxies(t)
  const name = await due(service, sql`end_reason = 'agent_left', ended_at = now()`)
  t.match(await ended(service, name), { end_reason: 'agent_left', credits_charged: 0 })
  t.same(await roomsOf(service.organization.pipelineAgent), [])
})

t.test('a session whose agent has not come in 15 s ends', async (t) => {
  const service = await buildBehindProxies(t)
  const name = await due(service, sql`created_at = now() - interval '20 s'`)
  t.match(await ended(service, name), { end_reason: 'agent_unavailable', credits_charged: 0 })
})

t.test('while both talk more credits are held, and an outage of LiveKit ends nothing', async (t) => {
  const service = await buildBehindProxies(t)
  const name = await due(service, sql`created_at = now() - interval '30 s'`, inAMinute)
  await service.livekit.set('refuse')
  await join(service, name, 'agent', 20)
  await join(service, name, 'caller', 20)
  await set(service, name, sql`wake_at = now()`)
  const session = await until(async () => {
    const row = await look(service, name)
    return row.held > 10 && row
  }, 60_000)
  t.equal(session.held, 60, 'the minute begun and five ahead')
  t.ok(session.seconds > 5 && session.seconds <= 15, `next look in ${session.seconds} s`)
})

t.test('a room out of reach is lost after half a minute, and only the talk that was seen is charged', async (t) => {
  const service = await buildBehindProxies(t, { MAX_CALL_MINUTES: '1' })
  const name = await due(service, sql`created_at = now() - interval '90 s'`, inAMinute)
  await join(service, name, 'agent', 80)
  await join(service, name, 'caller', 80)
  await service.livekit.set('pass')
  service.livekit.when('ListParticipants', unavailable, 100)
  await set(service, name, sql`wake_at = now()`)
  const { attempt } = await until(async () => {
    const row = await look(service, name)
    return row.lost && row
  }, 60_000)
  await set(service, name, sql`wake_at = now(), lost_since = now() - interval '5 s'`)
  // Looked at once more after that, which an ended session is not.
  await until(async () => (await look(service, name)).attempt > attempt + 1, 60_000)
  await set(service, name, sql`wake_at = now(), lost_since = now() - interval '31 s'`)
  t.match(await ended(service, name), { end_reason: 'room_missing', credits_charged: 0 })
})

t.test('a verdict on a room out of reach is settled as it stands', async (t) => {
  const service = await buildBehindProxies(t)
  const name = await due(
    service,
    sql`end_reason = 'agent_left', ended_at = now(), lost_since = now() - interval '31 s'`,
  )
  service.livekit.when('DeleteRoom', unavailable, 100)
  t.match(await ended(service, name), { end_reason: 'agent_left' })
})

t.test('a verdict on a room that is gone and cannot be deleted is carried out', async (t) => {
  const service = await buildBehindProxies(t)
  const name = await due(service, sql`end_reason = 'agent_left', ended_at = now()`, inAMinute)
  await rooms.deleteRoom(name)
  service.livekit.when('DeleteRoom', unavailable, 100)
  await set(service, name, sql`wake_at = now()`)
  t.match(await ended(service, name), { end_reason: 'agent_left' })
})

t.test('a room that LiveKit no longer has is left to the sweep', async (t) => {
  const service = await buildBehindProxies(t)
  const name = await due(service, undefined, inAMinute)
  await rooms.deleteRoom(name)
  const before = (await look(service, name)).attempt
  await set(service, name, sql`wake_at = now()`)
  const { seconds } = await until(async () => {
    const row = await look(service, name)
    return row.attempt > before && row.seconds < 16 && row.seconds > 0 && row
  }, 60_000)
  t.ok(seconds <= 15)
})

t.test('without its database the reaper goes on trying', async (t) => {
  const service = await buildBehindProxies(t)
  const name = await due(service, sql`created_at = now() - interval '20 s'`)
  await service.database.set('refuse')
  await new Promise((resolve) => setTimeout(resolve, 6000))
  await service.database.set('pass')
  t.match(await ended(service, name), { end_reason: 'agent_unavailable' })
})
