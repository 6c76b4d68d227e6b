// A call of which LiveKit tells more than can be read is ended, and its end_reason says so. LiveKit's events about it are too
// large as well, so it could not be followed.
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { rtc } from '../demo/rtc.ts'
import { buildBehindProxies, rooms, until } from './helper.ts'
import { jsonAnswer } from './json-answer.ts'
import { participant, seconds, sendLiveKitEvent } from './livekit-events.ts'

/** A service with one session, at which it looks again and again, as often as the test says. */
async function looked(t: Test) {
  const service = await buildBehindProxies(t)
  const { json } = await service.create()
  const name: string = json.room_name
  const path = `/v1/chat/voice-sessions/${name}`
  const wake = () => sql`UPDATE voice_sessions SET wake_at = now() WHERE room_name = ${name}`.execute(service.db)
  const session = async () => (await service.get(path)).json
  const isEnded = async () => (await session()).status === 'ended'
  return { service, json, name, path, wake, session, isEnded }
}

const answered = (participants: object[]) => ({ answer: jsonAnswer({ participants }) })

/** A caller who publishes; the tracks of each have names of so many characters in all. */
const publisher = (tracks: number, nameLength: number) => ({
  ...participant('caller', 10),
  tracks: Array.from({ length: tracks }, (_, index) => ({ sid: `TR_${index}`, name: 'a'.repeat(nameLength) })),
})

t.test('a caller whose track has a name of 300 kB is sent away', async (t) => {
  const { json, name, wake, session, isEnded } = await looked(t)
  const room = new rtc.Room()
  t.teardown(rtc.dispose)
  await room.connect(json.livekit_url, json.token, { autoSubscribe: false, dynacast: false })
  const source = new rtc.AudioSource(48_000, 1)
  const track = rtc.LocalAudioTrack.createAudioTrack('a'.repeat(300_000), source)
  await room.localParticipant?.publishTrack(track, new rtc.TrackPublishOptions())
  await until(async () => (await rooms.listParticipants(name)).some(({ tracks }) => tracks.length > 0))
  await wake()
  await until(isEnded, 60_000)
  t.match(await session(), { status: 'ended', end_reason: 'track_too_large' })
  t.strictSame(await rooms.listRooms([name]), [], 'nobody talks on')
  await room.disconnect()
  await track.close()
})

const tooLarge: Record<string, object[]> = {
  'a thousand tracks': [participant('agent', 11), publisher(1000, 200)],
  'attributes without an end': [{ ...participant('caller', 10), attributes: { a: 'a'.repeat(200_000) } }],
  'a name of their own': [{ ...participant('caller', 10), name: 'a'.repeat(200_000) }],
}

for (const [what, participants] of Object.entries(tooLarge))
  t.test(`so is whoever has ${what}`, async (t) => {
    const { service, name, wake, session, isEnded } = await looked(t)
    service.livekit.when('ListParticipants', answered(participants), Number.POSITIVE_INFINITY)
    await wake()
    await until(isEnded, 60_000)
    t.match(await session(), { end_reason: 'track_too_large', seconds_billed: 0 })
    t.strictSame(await rooms.listRooms([name]), [])
  })

t.test('a caller of whom nothing can be read pays for the time in which the agent was there', async (t) => {
  const { service, name, wake, session, isEnded } = await looked(t)
  await sql`UPDATE voice_sessions SET created_at = created_at - interval '20 s' WHERE room_name = ${name}`.execute(
    service.db,
  )
  const agent = { ...participant('agent', 10), sid: 'PA_agent' }
  await sendLiveKitEvent(service.request, {
    event: 'participant_joined',
    room: { name },
    participant: agent,
    createdAt: seconds(10),
  })
  service.livekit.when('ListParticipants', answered([publisher(1000, 200)]), Number.POSITIVE_INFINITY)
  await wake()
  await until(isEnded, 60_000)
  const { end_reason, seconds_billed } = await session()
  t.equal(end_reason, 'track_too_large')
  t.ok(seconds_billed >= 10, `${seconds_billed} s`)
})

t.test('a caller with a hundred tracks goes on', async (t) => {
  const { service, wake, session } = await looked(t)
  const participants = [participant('agent', 11), publisher(100, 200)]
  service.livekit.when('ListParticipants', answered(participants), Number.POSITIVE_INFINITY)
  await wake()
  await until(async () => 'caller_joined_at' in (await session()), 60_000)
  t.match(await session(), { status: 'active' })
})

t.test('DELETE ends such a call, for its own reason', async (t) => {
  const { service, name, path, session } = await looked(t)
  await sendLiveKitEvent(service.request, {
    event: 'participant_joined',
    room: { name },
    participant: participant('agent', 0),
  })
  service.livekit.when('ListParticipants', answered([publisher(1000, 200)]), Number.POSITIVE_INFINITY)
  t.equal((await service.request(path, { method: 'DELETE', headers: service.authorized })).status, 200)
  t.match(await session(), { status: 'ended', end_reason: 'ended_by_api', credits_charged: 10 })
  t.strictSame(await rooms.listRooms([name]), [])
})
