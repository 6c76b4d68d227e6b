// The sweep: rooms and sessions are brought into line, and other deployments' rooms are none of its business.
import { sql } from 'kysely'
import t from 'tap'
import { build, rooms, roomsOf, type Service, until } from './helper.ts'
import { participant, sendLiveKitEvent } from './livekit-events.ts'
import { keepParked, park } from './park.ts'

/** Two sweeps, each at most 20 s after the last, with room for a busy machine. */
const patience = 150_000

async function vanish(service: Service, joined: ('joined' | 'left')[]) {
  const { json } = await service.create()
  const name: string = json.room_name
  for (const what of joined) {
    const event = what === 'left' ? 'participant_left' : 'participant_joined'
    await sendLiveKitEvent(service.request, {
      event,
      room: { name },
      participant: participant('caller', 0),
    })
  }
  await park(service.db)
  await rooms.deleteRoom(name)
  return name
}

t.test(
  'a session whose room has vanished is settled, for the reason that the facts give',
  { timeout: 300_000 },
  async (t) => {
    const service = await build(t)
    const reasons = {
      [await vanish(service, [])]: 'caller_never_joined',
      [await vanish(service, ['left'])]: 'caller_left',
      [await vanish(service, ['left', 'joined'])]: 'room_missing',
    }
    const { json: kept } = await service.create()
    await keepParked(t, service.db)
    await until(
      async () => (await service.sessions()).filter(({ status }) => status === 'ended').length === 3,
      patience,
    )
    for (const [name, end_reason] of Object.entries(reasons)) {
      t.match((await service.get(`/v1/chat/voice-sessions/${name}`)).json, { end_reason, credits_charged: 0 })
    }
    t.equal(
      (await service.get(`/v1/chat/voice-sessions/${kept.room_name}`)).json.status,
      'active',
      'a room that is there',
    )
  },
)

t.test('while no event comes, a room that vanishes is one that its caller left', { timeout: 300_000 }, async (t) => {
  const service = await build(t)
  const name = await vanish(service, ['joined'])
  await sql`UPDATE webhook_arrival SET last_at = now() - interval '1 h'`.execute(service.db)
  await keepParked(t, service.db)
  const session = async () => (await service.get(`/v1/chat/voice-sessions/${name}`)).json
  await until(async () => (await session()).status === 'ended', patience)
  t.match(await session(), { end_reason: 'caller_left' })
})

t.test('a room whose session has ended is deleted; a room unknown here is not', { timeout: 300_000 }, async (t) => {
  const service = await build(t)
  const { json } = await service.create()
  await service.request(`/v1/chat/voice-sessions/${json.room_name}`, { method: 'DELETE', headers: service.authorized })
  const foreign = `somebody-else-${service.organization.id}`
  await rooms.createRoom({ name: json.room_name, emptyTimeout: 600 })
  await rooms.createRoom({ name: foreign, emptyTimeout: 600 })
  await until(async () => (await roomsOf(service.organization.pipelineAgent)).length === 0, patience)
  t.equal((await rooms.listRooms([foreign])).length, 1)
  await rooms.deleteRoom(foreign)
})
