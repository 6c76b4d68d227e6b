// LiveKit's events are believed only when LiveKit signed them, and do no harm when they are repeated, late or wrong.
import { AccessToken } from 'livekit-server-sdk'
import t from 'tap'
import { build, buildBehindProxies, refused, rooms, roomsOf, until } from './helper.ts'
import { participant, seconds, sendLiveKitEvent, signed } from './livekit-events.ts'
import { exchange, head } from './wire.ts'
import { withSession } from './with-session.ts'

const path = '/webhooks/livekit'
const type = 'application/webhook+json'

t.test('401: an event that LiveKit did not sign, or not like this', async (t) => {
  const { service, name, session } = await withSession(t)
  const body = JSON.stringify({ event: 'room_finished', room: { name }, createdAt: seconds(0) })
  const participantToken = new AccessToken('devkey', 'x'.repeat(32), { identity: 'user123' })
  const forgeries = {
    'no signature': undefined,
    'no token': 'nonsense',
    'another secret': await signed(body, { secret: 'x'.repeat(32) }),
    'a changed body': await signed(body, { signedBody: `${body} ` }),
    'an old token': await signed(body, { ttl: '-1h' }),
    'a participant’s token': (await service.create()).json.token,
    'a foreign participant’s token': await participantToken.toJwt(),
  }
  for (const [what, authorization] of Object.entries(forgeries)) {
    const headers = { 'content-type': type, ...(authorization && { authorization }) }
    const answer = await service.request(path, { method: 'POST', headers, body })
    t.comment(what)
    refused(t, answer, 401, 'Invalid webhook signature')
  }
  t.equal((await session()).status, 'active')
})

t.test('413: one of LiveKit’s events over 256 KiB', async (t) => {
  const service = await build(t)
  const body = 'x'.repeat(300_000)
  const headers = { 'content-type': type, authorization: await signed(body) }
  const answer = await service.request(path, { method: 'POST', headers, body })
  refused(t, answer, 413, 'Request body too large')
})

t.test('401: before the body is read, so that none is kept for who has no signature', async (t) => {
  const { port, create } = await build(t)
  const unsigned = [{}, { authorization: 'nonsense' }, { authorization: (await create()).json.token }]
  for (const authorization of unsigned)
    for (const length of [{ 'content-length': '200000' }, { 'transfer-encoding': 'chunked' }])
      t.match(await exchange(t, port, head('POST', path, { 'content-type': type, ...authorization, ...length })), {
        status: 401,
        body: '{"detail":"Invalid webhook signature"}',
      })
})

t.test('200: joins and leaves are facts, in any order and any number of times', async (t) => {
  const { send, session } = await withSession(t, 100)
  const agent = participant('agent', 90)
  const caller = participant('caller', 80)
  for (const participant of [caller, agent, caller])
    t.equal((await send('participant_joined', { participant, createdAt: seconds(80) })).status, 200)
  t.match(await session(), { caller_joined_at: String, agent_joined_at: String })
  for (let times = 0; times < 2; times++) {
    await send('participant_left', { participant: caller, createdAt: seconds(10) })
    await send('participant_left', { participant: agent, createdAt: seconds(9) })
    await send('room_finished', { createdAt: seconds(0) })
  }
  const ended = await session()
  t.match(ended, { status: 'ended', end_reason: 'caller_left', credits_charged: 10 })
  t.ok(ended.seconds_billed >= 69 && ended.seconds_billed <= 71, `${ended.seconds_billed} s of talk`)
})

t.test('200: a leave whose join was lost carries the join', async (t) => {
  const { send, session } = await withSession(t, 100)
  // A LiveKit server that does not say milliseconds yet.
  const { joinedAtMs: _, ...agent } = participant('agent', 50)
  await send('participant_left', { participant: agent, createdAt: seconds(20) })
  await send('participant_left', {
    participant: participant('caller', 50),
    createdAt: seconds(20),
  })
  await send('room_finished')
  const { seconds_billed } = await session()
  t.ok(seconds_billed >= 29 && seconds_billed <= 31, `${seconds_billed} s of talk`)
})

t.test('200: a connection that broke was gone 20 seconds before LiveKit noticed', async (t) => {
  const { send, session } = await withSession(t, 100)
  await send('participant_joined', { participant: participant('agent', 60), createdAt: seconds(60) })
  const lost = { ...participant('caller', 60), disconnectReason: 'CONNECTION_TIMEOUT' }
  await send('participant_left', { participant: lost, createdAt: seconds(0) })
  await send('room_finished')
  const { seconds_billed } = await session()
  t.ok(seconds_billed >= 39 && seconds_billed <= 41, `${seconds_billed} s of talk`)
})

t.test('200: who is neither the caller nor an agent is ignored, as are strange rooms and events', async (t) => {
  const { service, send, session } = await withSession(t)
  await send('participant_joined', { participant: participant('caller', 0, 'somebody-else') })
  await send('participant_joined', { participant: participant('caller', 0), room: { name: 'unknown' } })
  for (const event of ['room_finished', 'room_started', 'track_published', 'of_tomorrow']) {
    t.equal((await sendLiveKitEvent(service.request, { event, room: { name: 'unknown' } })).status, 200)
  }
  t.equal((await sendLiveKitEvent(service.request, { event: 'egress_ended' })).status, 200)
  const open = await session()
  t.equal(open.status, 'active')
  t.notOk('caller_joined_at' in open)
})

t.test('200: the end of a room that no caller entered', async (t) => {
  const { send, session } = await withSession(t, 60)
  await send('room_finished')
  const ended = await session()
  t.match(ended, { status: 'ended', end_reason: 'caller_never_joined', credits_charged: 0 })
  t.ok(Math.abs(Date.parse(ended.ended_at) - Date.now()) < 5000, 'nobody left before: it ended with the room')
})

t.test('200: the end of an earlier room of the same name ends nothing', async (t) => {
  const { name, send, session } = await withSession(t)
  await send('room_finished', { room: { name, sid: 'RM_earlier' } })
  t.equal((await session()).status, 'active')
})

t.test('200: a room that an old token made again after its session ended is deleted', async (t) => {
  const { service, name, send } = await withSession(t)
  await service.request(`/v1/chat/voice-sessions/${name}`, { method: 'DELETE', headers: service.authorized })
  await rooms.createRoom({ name })
  await send('room_started')
  await until(async () => (await roomsOf(service.organization.pipelineAgent)).length === 0)
})

t.test('503: without the database LiveKit is asked to repeat', async (t) => {
  const service = await buildBehindProxies(t)
  const { json } = await service.create()
  await service.database.set('refuse')
  const event = {
    event: 'participant_joined',
    room: { name: json.room_name },
    participant: participant('agent', 0),
  }
  refused(t, await sendLiveKitEvent(service.request, event), 503, 'Service temporarily unavailable', {
    'retry-after': '1',
  })
  await service.database.set('pass')
  t.equal((await sendLiveKitEvent(service.request, event)).status, 200)
})
