// What looks tell of who is present.
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { participant } from './events.ts'
import { buildBehindProxies, until } from './helper.ts'
import { jsonAnswer } from './json-answer.ts'

/** What a look is answered, in place of LiveKit's own list. */
const lists = (participants: object[]) => ({ answer: jsonAnswer({ participants }) })

/** A service whose looks are answered with these lists, one after the other; the session, as the database has it. */
async function looked(t: Test, ...all: object[][]) {
  const service = await buildBehindProxies(t)
  const { json } = await service.create()
  const name: string = json.room_name
  const set = (what: string) =>
    sql`UPDATE voice_sessions SET ${sql.raw(what)} WHERE room_name = ${name}`.execute(service.db)
  await set("created_at = created_at - interval '100 s'")
  const own = (text: string) => text.includes(name)
  /** What the next look at it meets. */
  const meets = (fault: Parameters<typeof service.livekit.when>[1]) =>
    service.livekit.when('ListParticipants', fault, 1, own)
  const wake = () => set('wake_at = now()')
  const decided = () => service.database.texts.filter((text) => own(text) && text.includes('findSituation')).length
  for (const [index, participants] of all.entries()) {
    meets(lists(participants))
    await wake()
    await until(async () => decided() > index, 60_000)
  }
  const get = async () => (await service.get(`/v1/chat/voice-sessions/${name}`)).json
  return { service, name, get, set, wake, meets }
}

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

t.test('a caller who becomes present in time is not sent away', async (t) => {
  const agent = participant('agent', 90)
  const caller = participant('caller', 20)
  const { get } = await looked(t, [agent, { ...caller, state: 'JOINED' }], [agent, caller], [agent, caller])
  t.equal((await get()).status, 'active')
})

t.test('DELETE looks before it deletes: a call of which no event told is billed', async (t) => {
  const { service, name, get, meets } = await looked(t)
  meets(lists([participant('agent', 12), participant('caller', 10)]))
  await service.request(`/v1/chat/voice-sessions/${name}`, { method: 'DELETE', headers: service.authorized })
  const { seconds_billed, end_reason } = await get()
  t.equal(end_reason, 'ended_by_api')
  t.ok(seconds_billed >= 10 && seconds_billed <= 12, `${seconds_billed} s`)
})

t.test('DELETE: what a slow look sees after the verdict is not billed', async (t) => {
  const { service, name, get, meets } = await looked(t)
  meets({
    ...lists([]),
    answer: () => lists([participant('agent', 12), participant('caller', -1)]).answer,
  })
  await service.request(`/v1/chat/voice-sessions/${name}`, { method: 'DELETE', headers: service.authorized })
  t.match(await get(), { status: 'ended', seconds_billed: 0, credits_charged: 0 })
})

t.test('DELETE does not wait for a look that takes long', async (t) => {
  const { service, name, get, meets } = await looked(t)
  meets('hang')
  await service.request(`/v1/chat/voice-sessions/${name}`, { method: 'DELETE', headers: service.authorized })
  t.match(await get(), { status: 'ended', end_reason: 'ended_by_api' })
})
