// Races: whatever happens at once, credits are spent once, names are given once, and nobody gets more than there is.
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { grantCredits } from '../src/repositories/credit-grants.ts'
import { findOrganization } from '../src/repositories/organizations.ts'
import { parseRoomName } from '../src/room-name.ts'
import { buildBehindProxies, livekitCalls, type Proxied, refused, roomsOf, type Service, until } from './helper.ts'

/** As many as have a connection to the database each. */
const creates = 8
const atOnce = <T>(ask: () => Promise<T>) => Promise.all(Array.from({ length: creates }, ask))

/** Has the service open its connections to the database. */
const warm = (service: Service) =>
  until(async () => (await atOnce(() => service.post('{}'))).every(({ status }) => status === 400))

/** The clock stands still for this test. */
function stopClock(t: Test): number {
  const { now } = Date
  const time = now()
  Date.now = () => time
  t.teardown(() => {
    Date.now = now
  })
  return time
}

const open = async ({ db, organization }: Proxied) => (await findOrganization(db, organization.id))?.open_sessions

t.test('of many creates at once as many succeed as there are credits for, on two replicas', async (t) => {
  const service = await buildBehindProxies(t, {}, { credits: 57 })
  const replica = await buildBehindProxies(t)
  const { key, pipelineAgent } = service.organization
  await Promise.all([warm(service), warm(replica)])
  const both = [service, replica].map((one) => atOnce(() => one.create(pipelineAgent, {}, key)))
  const answers = (await Promise.all(both)).flat()
  const names = answers.filter(({ status }) => status === 200).map(({ json }) => json.room_name)
  for (const answer of answers.filter(({ status }) => status !== 200)) refused(t, answer, 402, 'Insufficient credits')
  t.equal(new Set(names).size, 5, 'five have a room of their own')
  t.strictSame((await roomsOf(pipelineAgent)).sort(), names.sort())
  t.equal(await service.credits(), 7, 'less than a minute is left')
  t.equal(await open(service), 5)
})

t.test('of many creates at once as many succeed as the organization may have sessions', async (t) => {
  const service = await buildBehindProxies(t, {}, { maxSessions: 3 })
  await warm(service)
  const answers = await atOnce(() => service.create())
  const others = answers.filter(({ status }) => status !== 200)
  t.equal(others.length, creates - 3)
  for (const answer of others) refused(t, answer, 429, 'Too many concurrent sessions', { 'retry-after': '5' })
  t.equal((await roomsOf(service.organization.pipelineAgent)).length, 3)
  t.equal(await open(service), 3)
})

t.test('of many creates at once that LiveKit fails not one costs anything', async (t) => {
  const service = await buildBehindProxies(t)
  await warm(service)
  await service.livekit.set('refuse')
  t.strictSame(new Set((await atOnce(() => service.create())).map(({ status }) => status)), new Set([500]))
  t.equal(await service.credits(), service.organization.openingCredits)
  t.equal(await open(service), 0)
})

t.test('creates of one user in one millisecond take the next free ones, in a name that says so', async (t) => {
  const service = await buildBehindProxies(t)
  const time = stopClock(t)
  const answers = await atOnce(() => service.create())
  answers.push(await service.create())
  const timestamps = answers.map(({ json }) => parseRoomName(json.room_name)?.timestamp)
  t.strictSame(
    timestamps.sort(),
    answers.map((_, i) => time + i),
  )
  t.equal((await roomsOf(service.organization.pipelineAgent)).length, creates + 1)
})

t.test('a create that finds every name taken gives up, and nothing is held', async (t) => {
  const service = await buildBehindProxies(t)
  const time = stopClock(t)
  const { id, keyId, userId, pipelineAgent } = service.organization
  await sql`
    INSERT INTO voice_sessions (room_name, organization_id, api_key_id, user_id, agent_id, agent_name, status, rate, held, charged, wake_at)
    SELECT ${`agent_${pipelineAgent}_${userId}_`} || ${time}::bigint + i, ${id}, ${keyId}, ${userId}, ${pipelineAgent}, 'A', 'ended', 1, 1, 0, now()
    FROM generate_series(0, 99) AS i`.execute(service.db)
  refused(t, await service.create(), 503, 'Service temporarily unavailable', { 'retry-after': '1' })
  t.equal(await service.credits(), service.organization.openingCredits)
  t.strictSame(livekitCalls(service.livekit), [], 'LiveKit was never called')
})

t.test('credits that are gone once a create has waited for them are not spent', async (t) => {
  const service = await buildBehindProxies(t, {}, { credits: 10 })
  const { id } = service.organization
  const waits = async () => {
    const { rows } = await sql`
      SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(service.db)
    return rows.length === 1
  }
  const answer = await service.db.transaction().execute(async (db) => {
    await grantCredits(db, { id: `back-${id}`, organization_id: id, amount: -10 })
    const asked = service.create()
    await until(waits)
    return { asked }
  })
  refused(t, await answer.asked, 402, 'Insufficient credits')
  t.equal(service.database.count('holdMinute'), 2, 'asked again')
  t.strictSame(await service.sessions(), [])
})
