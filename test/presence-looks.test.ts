// What looks tell of who is present.
import { sql } from 'kysely'
import t from 'tap'
import { until } from './helper.ts'
import { participant, seconds, sendLiveKitEvent } from './livekit-events.ts'
import { lists, looked } from './looked.ts'

t.test('a look that sees a caller present counts from their connection, where no event tells', async (t) => {
  const caller = participant('caller', 80)
  const { get } = await looked(t, [participant('agent', 90), caller])
  t.equal(Date.parse((await get()).caller_joined_at), Number(caller.joinedAtMs))
})

t.test('after a look that saw nobody present it counts from the first that does', async (t) => {
  const agent = participant('agent', 90)
  const caller = participant('caller', 40)
  const { get } = await looked(t, [agent, { ...caller, state: 'JOINED' }], [agent, caller], [agent, caller])
  const ago = (Date.now() - Date.parse((await get()).caller_joined_at)) / 1000
  t.ok(ago < 30, `${ago} s ago`)
})

t.test('what is published after a look has seen the caller present takes no talk from the bill', async (t) => {
  const caller = participant('caller', 80)
  const { service, name, get, set } = await looked(t, [participant('agent', 90), caller])
  const before = (await get()).caller_joined_at
  await sql`UPDATE participants SET shown_at = shown_at - interval '60 s', seen_at = seen_at - interval '60 s'`.execute(
    service.db,
  )
  await set("wake_at = now() + interval '50 s'")
  const { sid, identity } = caller
  const event = { event: 'track_published', room: { name }, participant: { sid, identity }, createdAt: seconds(0) }
  t.equal((await sendLiveKitEvent(service.request, event)).status, 200)
  t.equal((await get()).caller_joined_at, before)
})

t.test('an event of their joining that comes late tells since when they are present', async (t) => {
  const caller = participant('caller', 80)
  const { service, name, get } = await looked(t, [participant('agent', 90), caller])
  const event = { event: 'participant_joined', room: { name }, participant: caller, createdAt: seconds(70) }
  t.equal((await sendLiveKitEvent(service.request, event)).status, 200)
  t.ok(Math.abs(Date.now() - Date.parse((await get()).caller_joined_at) - 70_000) < 2000)
})

t.test('who was missing in one list and is seen again has not left', async (t) => {
  const agent = participant('agent', 90)
  const caller = participant('caller', 80)
  const { service, name, look } = await looked(t, [agent, caller])
  await sql`UPDATE participants SET seen_at = seen_at - interval '20 s'`.execute(service.db)
  const left = async () => {
    const { rows } = await sql<{ left: boolean }>`
      SELECT left_at IS NOT NULL AS left FROM participants WHERE kind = 'caller' AND room_name = ${name}`.execute(
      service.db,
    )
    return rows
  }
  await look([agent])
  t.strictSame(await left(), [{ left: true }])
  await look([agent, caller])
  t.strictSame(await left(), [{ left: false }])
})

t.test('a caller who came anew was there until then, though no event told that they left', async (t) => {
  const agent = participant('agent', 90)
  const first = { ...participant('caller', 80), sid: 'PA_first' }
  const { service, look } = await looked(t, [agent, first])
  await sql`UPDATE participants SET seen_at = now() - interval '75 s' WHERE kind = 'caller'`.execute(service.db)
  await look([agent, { ...participant('caller', 30), sid: 'PA_second' }])
  const { rows } = await sql<{ ago: number }>`
    SELECT EXTRACT(EPOCH FROM now() - left_at)::float AS ago FROM participants WHERE sid = 'PA_first'`.execute(
    service.db,
  )
  t.ok(Math.abs((rows[0]?.ago ?? 0) - 30) < 10, `${rows[0]?.ago} s ago`)
})

t.test('a track makes a caller present who never becomes active', async (t) => {
  const caller = { ...participant('caller', 80), state: 'JOINED', tracks: [{ sid: 'TR_1' }] }
  const { get } = await looked(t, [participant('agent', 90), caller])
  t.ok('caller_joined_at' in (await get()))
})

t.test('a room in which somebody is connected for 75 s and never present is ended, whoever comes again', async (t) => {
  const agent = participant('agent', 90)
  const state = 'JOINED'
  const first = { ...participant('caller', 20), state }
  const { get, set, wake, meets } = await looked(t, [agent, first], [agent])
  await set("waiting_since = waiting_since - interval '60 s'")
  meets(lists([agent, { ...participant('caller', 2), state }]))
  await wake()
  await until(async () => (await get()).status === 'ended', 60_000)
  t.match(await get(), { end_reason: 'caller_never_joined', credits_charged: 0 })
})

t.test('a caller who was not seen for long and is gone is not taken for one who waits', async (t) => {
  const agent = participant('agent', 90)
  const { service, get, look } = await looked(t, [agent, participant('caller', 90)])
  await sql`UPDATE participants SET seen_at = now() - interval '80 s' WHERE kind = 'caller'`.execute(service.db)
  await look([agent])
  t.equal((await get()).status, 'active', 'LiveKit is about to say when they left')
})

t.test('a caller who becomes present in time is not sent away', async (t) => {
  const agent = participant('agent', 90)
  const caller = participant('caller', 20)
  const { get } = await looked(
    t,
    [agent, { ...caller, state: 'JOINED', joinedAt: '0', joinedAtMs: '0' }],
    [agent, caller],
    [agent, caller],
  )
  t.equal((await get()).status, 'active')
})
