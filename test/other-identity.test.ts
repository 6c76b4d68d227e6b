// With their own token, and `publish=…` in the URL, a client connects as `user123#…`: LiveKit adds that to the identity. It sends
// sound, the agent hears it, and it is the caller. What follows the `#` may be any text, such as a NUL, which PostgreSQL refuses.
import { sql } from 'kysely'
import t from 'tap'
import { rtc } from '../demo/rtc.ts'
import { build, buildBehindProxies, parts, rooms, until } from './helper.ts'
import { jsonAnswer } from './json-answer.ts'
import { participant } from './livekit-events.ts'
import { wayTo } from './livekit-way.ts'
import { bills, publish, tell, withAgent } from './presence.ts'

t.teardown(() => rtc.dispose())

for (const [what, query] of [
  ['a word', 'publish=x'],
  ['a NUL', 'publish=%00'],
] as const)
  t.test(`a caller whose identity has # and ${what} is seen by a look`, async (t) => {
    const service = await build(t)
    const { json } = await service.create()
    const room = new rtc.Room()
    await room.connect(await wayTo(t, parts.livekitUrl, query), json.token, { autoSubscribe: false, dynacast: false })
    t.teardown(() => room.disconnect())
    const track = rtc.LocalAudioTrack.createAudioTrack('microphone', new rtc.AudioSource(48_000, 1))
    await room.localParticipant?.publishTrack(track, new rtc.TrackPublishOptions())
    const [caller] = await rooms.listParticipants(json.room_name)
    t.match(caller?.identity, /^user123#/, 'LiveKit lets them in')
    await sql`UPDATE voice_sessions SET wake_at = now()`.execute(service.db)
    const session = async () => (await service.get(`/v1/chat/voice-sessions/${json.room_name}`)).json
    const isSeen = async () => 'caller_joined_at' in (await session())
    t.ok(await until(isSeen, 20_000).catch(() => false), 'and whoever sends sound is present')
  })

for (const [what, identity] of [
  ['a word', 'user123#x'],
  ['a NUL', 'user123#\0'],
] as const)
  t.test(`a caller whose identity has # and ${what} is told of by events, and pays`, async (t) => {
    const told = await withAgent(t)
    const caller = participant('caller', 80, identity)
    t.match(await tell(told, 'participant_joined', caller, 80), { status: 200 })
    t.match(await publish(told, caller, 70), { status: 200 })
    t.match(await tell(told, 'participant_left', caller, 10), { status: 200 })
    await bills(t, told, 70)
  })

t.test('a call is ended whatever the identity of who is in the room', async (t) => {
  const service = await buildBehindProxies(t)
  const { json } = await service.create()
  const participants = [participant('agent', 1), participant('caller', 1, 'user123#\0'), participant('caller', 1, '\0')]
  service.livekit.when('ListParticipants', { answer: jsonAnswer({ participants }) }, Number.POSITIVE_INFINITY)
  const path = `/v1/chat/voice-sessions/${json.room_name}`
  t.equal((await service.request(path, { method: 'DELETE', headers: service.authorized })).status, 200)
  t.match((await service.get(path)).json, { status: 'ended', end_reason: 'ended_by_api' })
  t.strictSame(await rooms.listRooms([json.room_name]), [], 'nobody talks on')
})
