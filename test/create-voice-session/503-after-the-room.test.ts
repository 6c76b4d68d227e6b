// 503: the database is lost after the room was made, or together with LiveKit. No token leaves, and what the request no longer
// knows it leaves alone.
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { settle } from '../../src/repositories/ledger.ts'
import { nameVerdict } from '../../src/repositories/transitions.ts'
import { type Answer, buildBehindProxies, livekitCalls, type Proxied, refused, roomsOf, until } from '../helper.ts'
import type { Fault } from '../proxy.ts'

const unavailable = (t: Test, answer: Answer) =>
  refused(t, answer, 503, 'Service temporarily unavailable', { 'retry-after': '1' })

/** The service. No later test's service looks at the sessions that this one leaves open. */
async function start(t: Test) {
  const service = await buildBehindProxies(t)
  t.teardown(async () => {
    for (const { room_name } of await service.sessions())
      await settle(service.db, room_name, { end_reason: 'room_missing', until: 'unknown' })
  })
  return service
}

/** A create is served again; whatever the service had still to say to LiveKit about an earlier one has been said. */
async function served(t: Test, service: Proxied) {
  await service.database.set('pass')
  await service.livekit.set('pass')
  t.equal((await service.create(service.organization.realtimeAgent)).status, 200, 'the next request is served')
}

const lost: [Fault, 'creating' | 'active'][] = [
  ['refuse', 'creating'],
  ['reset', 'creating'],
  ['close', 'creating'],
  ['hang', 'creating'],
  ['reset answer', 'active'],
  ['lose answer', 'active'],
]

for (const [fault, status] of lost)
  t.test(`503: ${fault} when the session becomes active; it is ${status} and its room is left alone`, async (t) => {
    const service = await start(t)
    service.database.when('activate', fault)
    unavailable(t, await service.create())
    t.match(await service.sessions(), [{ status, held: 10, charged: null }])
    const [session] = await service.sessions()
    await served(t, service)
    t.strictSame(livekitCalls(service.livekit), ['CreateRoom', 'CreateRoom'], 'nothing was deleted')
    t.strictSame(await roomsOf(service.organization.pipelineAgent), [session?.room_name])
  })

t.test('503: somebody has the session’s row when it would become active', async (t) => {
  const service = await start(t)
  await service.db.transaction().execute(async (somebody) => {
    const lock = () => sql`SELECT 1 FROM voice_sessions WHERE status = 'creating' FOR UPDATE`.execute(somebody)
    service.database.when('activate', { before: lock })
    unavailable(t, await service.create())
  })
  t.match(await service.sessions(), [{ status: 'creating', held: 10 }])
  await served(t, service)
  t.strictSame(livekitCalls(service.livekit), ['CreateRoom', 'CreateRoom'], 'nothing was deleted')
})

/** A service whose next session meets `change` between its room and its becoming active. */
async function overtaken(t: Test, change: (service: Proxied, roomName: string) => Promise<unknown>) {
  const service = await start(t)
  // The sweep that every service begins with would delete the room of a session that was ended.
  await until(async () => service.livekit.count('ListRooms') > 0)
  const before = async () => change(service, (await service.sessions())[0]?.room_name ?? '')
  service.database.when('activate', { before })
  return service
}
const end = ({ db }: Proxied, roomName: string) =>
  settle(db, roomName, { end_reason: 'ended_by_api', until: 'now', attempt: 1 })

t.test('503: a session that was ended while its room was made costs nothing, and the room is deleted', async (t) => {
  const service = await overtaken(t, end)
  unavailable(t, await service.create())
  t.match(await service.sessions(), [{ status: 'ended', end_reason: 'ended_by_api', charged: 0 }])
  await until(async () => livekitCalls(service.livekit).includes('DeleteRoom'))
  await until(async () => (await roomsOf(service.organization.pipelineAgent)).length === 0)
})

t.test(
  '503: a session that got its verdict while its room was made costs nothing, and the room is deleted',
  async (t) => {
    const nameIt = ({ db }: Proxied, roomName: string) => nameVerdict(db, roomName, 'ended_by_api', 0)
    const service = await overtaken(t, nameIt)
    unavailable(t, await service.create())
    const isEnded = async () => (await service.sessions()).every(({ status }) => status === 'ended')
    await until(isEnded, 60_000)
    t.match(await service.sessions(), [{ end_reason: 'ended_by_api', charged: 0 }])
    await until(async () => (await roomsOf(service.organization.pipelineAgent)).length === 0)
  },
)

t.test('503: a hold that a crash of PostgreSQL took away while the room was made: the room is deleted', async (t) => {
  // What recovery leaves when the hold's record had not reached the disk: neither of what its one transaction did.
  const crash = ({ db, organization }: Proxied) =>
    db.transaction().execute(async (recovered) => {
      await sql`DELETE FROM voice_sessions WHERE organization_id = ${organization.id}`.execute(recovered)
      await sql`UPDATE organizations SET credits = credits + 10, open_sessions = 0 WHERE id = ${organization.id}`.execute(
        recovered,
      )
    })
  const service = await overtaken(t, crash)
  unavailable(t, await service.create())
  await until(async () => livekitCalls(service.livekit).includes('DeleteRoom'))
  await until(async () => (await roomsOf(service.organization.pipelineAgent)).length === 0)
  t.equal(await service.credits(), service.organization.openingCredits)
  t.equal((await service.create()).status, 200, 'the next request is served')
})

t.test('503: a session that a later attempt took over while its room was made is left to it', async (t) => {
  const takeOver = ({ db }: Proxied, roomName: string) =>
    db.updateTable('voice_sessions').set({ attempt: 2 }).where('room_name', '=', roomName).execute()
  const service = await overtaken(t, takeOver)
  unavailable(t, await service.create())
  t.match(await service.sessions(), [{ status: 'creating', held: 10 }])
  await served(t, service)
  t.strictSame(livekitCalls(service.livekit), ['CreateRoom', 'CreateRoom'], 'nothing was deleted')
})

t.test('503: what became of a session cannot be read, so its room is left alone', async (t) => {
  const service = await overtaken(t, end)
  service.database.when('findStatus', 'close')
  unavailable(t, await service.create())
  await served(t, service)
  t.strictSame(livekitCalls(service.livekit), ['CreateRoom', 'CreateRoom'], 'nothing was deleted')
})

for (const [fault, status] of [
  ['close', 'creating'],
  ['reset answer', 'ended'],
] as const)
  t.test(
    `503: ${fault} when LiveKit has failed and the credits would come back; the session is ${status}`,
    async (t) => {
      const service = await start(t)
      await service.livekit.set('refuse')
      service.database.when('settle', fault)
      unavailable(t, await service.create())
      t.match(await service.sessions(), [{ status, held: 10, charged: status === 'ended' ? 0 : null }])
      t.equal(await service.credits(), service.organization.openingCredits - (status === 'ended' ? 0 : 10))
      await served(t, service)
      t.strictSame(livekitCalls(service.livekit), ['CreateRoom'], 'what is not known to be ended is not deleted')
    },
  )
