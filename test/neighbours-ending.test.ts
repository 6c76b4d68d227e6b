// Neighbours: while the row of one organization is locked, whatever it ends or goes on with waits on one connection, and all
// others are served.
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { lockTimeoutMilliseconds } from '../src/timings.ts'
import { buildBehindProxies, type Proxied, seedOrganization, talked, until } from './helper.ts'
import { jsonAnswer } from './json-answer.ts'
import { participant, sendLiveKitEvent } from './livekit-events.ts'
import { park } from './park.ts'

const size = 24
const end = (service: Proxied, name: string, key: string) =>
  service.request(`/v1/chat/voice-sessions/${name}`, { method: 'DELETE', headers: { 'x-api-key': key } })

async function withSessions(t: Test) {
  const service = await buildBehindProxies(t, { RATE_LIMIT_PER_MINUTE: '10000' }, { credits: 10_000 })
  const neighbour = await seedOrganization(service.db)
  const names: string[] = []
  while (names.length < size) names.push((await service.create()).json.room_name)
  await park(service.db)
  return { service, neighbour, names }
}

/** While nobody else gets the organization's row `act` begins; then a neighbour's calls begin and end as ever. */
async function whileLocked(
  t: Test,
  { service, neighbour }: Omit<Awaited<ReturnType<typeof withSessions>>, 'names'>,
  statement: string,
  act: () => Promise<unknown>,
): Promise<void> {
  const waiting = async () => {
    const { rows } = await sql`
      SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE ${`%${statement}%`}`.execute(
      service.db,
    )
    return rows.length
  }
  const { acted } = await service.db.transaction().execute(async (db) => {
    await sql`SELECT FROM organizations WHERE id = ${service.organization.id} FOR UPDATE`.execute(db)
    const acted = act()
    await until(async () => (await waiting()) > 0, 30_000)
    for (let round = 0; round < 3; round++) {
      const startedAt = performance.now()
      const { status, json } = await service.create(neighbour.pipelineAgent, {}, neighbour.key)
      t.equal(status, 200)
      t.equal((await end(service, json.room_name, neighbour.key)).status, 200)
      const took = Math.round(performance.now() - startedAt)
      t.ok(took < lockTimeoutMilliseconds, `the neighbour's call began and ended in ${took} ms`)
      t.ok((await waiting()) <= 1, 'on one connection')
    }
    return { acted }
  })
  await acted
}

const allEnded = async ({ sessions }: Proxied) => (await sessions()).every(({ status }) => status === 'ended')

t.test('calls that their organization ends by DELETE', async (t) => {
  const { service, neighbour, names } = await withSessions(t)
  let answers: { status: number }[] = []
  await whileLocked(t, { service, neighbour }, 'settle', async () => {
    answers = await Promise.all(names.map((name) => end(service, name, service.organization.key)))
  })
  for (const { status } of answers) t.ok([200, 503].includes(status), `${status}`)
  for (const { end_reason } of await service.sessions())
    t.equal(end_reason, 'ended_by_api', 'the verdict stands, whatever was answered')
  await until(() => allEnded(service), 60_000)
})

t.test('reads of one organization that are slow, by whoever reads', async (t) => {
  const { service, neighbour, names } = await withSessions(t)
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const { key, id } = service.organization
  const own = (text: string) => text.includes(id)
  const reads = () => service.database.count('findSession') + service.database.count('listSessions')
  for (const name of ['findSession', 'listSessions'])
    service.database.when(name, { before: () => released }, Number.POSITIVE_INFINITY, own)
  const before = reads()
  const path = '/v1/chat/voice-sessions'
  const answers = names.map((name, index) =>
    index % 3 === 0 ? end(service, name, key) : service.get(index % 3 === 1 ? `${path}/${name}` : `${path}?limit=1`),
  )
  await until(async () => reads() - before === 4)
  const { status, json } = await service.create(neighbour.pipelineAgent, {}, neighbour.key)
  t.equal(status, 200)
  t.equal((await service.get(`${path}/${json.room_name}`, neighbour.key)).status, 200)
  t.equal(reads() - before, 5, 'those in line have not asked yet')
  release()
  for (const answer of answers) t.equal((await answer).status, 200)
})

t.test('verdicts of one organization that are slow to be written', async (t) => {
  const { service, neighbour, names } = await withSessions(t)
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const own = (text: string) => names.some((name) => text.includes(name))
  service.database.when('nameVerdict', { before: () => released }, size, own)
  const answers = names.map((name) => end(service, name, service.organization.key))
  await until(async () => service.database.count('nameVerdict') === 2)
  const { status, json } = await service.create(neighbour.pipelineAgent, {}, neighbour.key)
  t.equal(status, 200)
  t.equal((await end(service, json.room_name, neighbour.key)).status, 200)
  release()
  for (const answer of answers) t.equal((await answer).status, 200)
})

t.test('calls that LiveKit says are over', async (t) => {
  const { service, neighbour, names } = await withSessions(t)
  const over = () => names.map((name) => sendLiveKitEvent(service.request, { event: 'room_finished', room: { name } }))
  await sql`UPDATE voice_sessions SET room_sid = '' WHERE room_name = ANY (${names}::text[])`.execute(service.db)
  await whileLocked(t, { service, neighbour }, 'settle', () => Promise.all(over()))
  for (const { status } of await Promise.all(over())) t.equal(status, 200, 'repeated')
  t.ok(await allEnded(service))
})

t.test('creates that were abandoned', async (t) => {
  const { service, neighbour } = await withSessions(t)
  const { id } = service.organization
  await whileLocked(t, { service, neighbour }, 'settle', () =>
    sql`
      UPDATE voice_sessions SET status = 'creating', wake_at = now() - interval '1 s'
      WHERE organization_id = ${id}`.execute(service.db),
  )
  await until(() => allEnded(service), 90_000)
  for (const { end_reason } of await service.sessions()) t.equal(end_reason, 'create_abandoned')
})

t.test('calls for which more is to be held', async (t) => {
  const { service, neighbour, names } = await withSessions(t)
  for (const name of names) await talked(service.db, name)
  const own = (text: string) => names.some((name) => text.includes(name))
  const answer = (text: string) => {
    const name = names.find((name) => text.includes(name))
    const inRoom = (kind: 'agent' | 'caller') => ({ ...participant(kind, 0), sid: `PA_${kind}${name}` })
    return jsonAnswer({ participants: [inRoom('agent'), inRoom('caller')] })
  }
  service.livekit.when('ListParticipants', { answer }, Number.POSITIVE_INFINITY, own)
  const { id } = service.organization
  await whileLocked(t, { service, neighbour }, 'extend', () =>
    sql`UPDATE voice_sessions SET wake_at = now() WHERE organization_id = ${id}`.execute(service.db),
  )
  await until(async () => (await service.sessions()).every(({ held }) => held > 10), 90_000)
})
