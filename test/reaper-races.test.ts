// The reaper is not alone: whatever happens to a session while it looks, nothing is done twice and nothing is lost.
import { sql } from 'kysely'
import t from 'tap'
import { buildBehindProxies, talked, until } from './helper.ts'
import { inAMinute } from './park.ts'

/** A service with one session that is not looked at before `wake`. */
async function withSession(t: Parameters<typeof buildBehindProxies>[0]) {
  const service = await buildBehindProxies(t)
  const name: string = (await service.create()).json.room_name
  const set = (change: ReturnType<typeof sql>) =>
    sql`UPDATE voice_sessions SET ${change} WHERE room_name = ${name}`.execute(service.db)
  await set(sql`wake_at = ${inAMinute}, created_at = now() - interval '30 s'`)
  const wake = () => set(sql`wake_at = now() - interval '1 s'`)
  const look = async () => {
    const { rows } = await sql<{ status: string; attempt: number; held: number; is_due: boolean }>`
      SELECT status, attempt, held, wake_at < now() AS is_due FROM voice_sessions WHERE room_name = ${name}`.execute(
      service.db,
    )
    return rows[0]
  }
  return { service, name, set, wake, look }
}

t.test('a session that somebody else changes while more is to be held for it is left to its next look', async (t) => {
  const { service, name, set, wake, look } = await withSession(t)
  await talked(service.db, name)
  await service.livekit.set('refuse')
  const before = () => set(sql`attempt = attempt + 1, wake_at = ${inAMinute}`)
  service.database.when('extend', { before })
  await wake()
  await until(async () => service.database.count('extend') === 3, 60_000)
  t.match(await look(), { held: 10 })
})

t.test('a session that its customer ends during the look is ended once', async (t) => {
  const { service, name, wake } = await withSession(t)
  let ended = 0
  const before = async () => {
    const path = `/v1/chat/voice-sessions/${name}`
    ended = (await service.request(path, { method: 'DELETE', headers: service.authorized })).status
  }
  service.database.when('findSituation', { before })
  await wake()
  await until(async () => ended === 200, 60_000)
  t.match((await service.get(`/v1/chat/voice-sessions/${name}`)).json, { end_reason: 'ended_by_api' })
})

t.test('a replica that is told to stop hands back at once what it has claimed', async (t) => {
  const { service, wake, look } = await withSession(t)
  let closed: Promise<unknown> | undefined
  const before = async () => {
    await wake()
    closed = service.app.close()
  }
  service.database.when('claimDue', { before })
  await until(async () => closed !== undefined, 60_000)
  await closed
  t.match(await look(), { status: 'active', attempt: 2, held: 10, is_due: true })
})

t.test('a backlog of more sessions than are claimed at once is worked off, each settled once', async (t) => {
  const { service, name } = await withSession(t)
  const backlog = 150
  await sql`
    UPDATE organizations SET credits = credits - ${backlog}::int, open_sessions = open_sessions + ${backlog}::int
    WHERE id = ${service.organization.id}`.execute(service.db)
  // What 150 requests leave behind that died before LiveKit was asked.
  await sql`
    INSERT INTO voice_sessions (room_name, organization_id, api_key_id, user_id, agent_id, agent_name, wake_at, rate, held)
    SELECT 'abandoned-' || i, organization_id, api_key_id, user_id, agent_id, agent_name, now() - interval '1 s', 1, 1
    FROM voice_sessions, generate_series(1, ${backlog}::int) i WHERE room_name = ${name}`.execute(service.db)
  const settled = async () => {
    const { rows } = await sql`
      SELECT 1 FROM voice_sessions WHERE end_reason = 'create_abandoned' AND status = 'ended'`.execute(service.db)
    return rows.length === backlog
  }
  await until(settled, 60_000)
  t.equal(await service.credits(), service.organization.openingCredits - 10, 'all but what the open session holds')
})

t.test('a look that fails ends nothing, and the next one decides', async (t) => {
  const { service, wake, look } = await withSession(t)
  service.database.when('findSituation', 'close')
  await wake()
  await until(async () => service.database.count('findSituation') === 1, 60_000)
  t.match(await look(), { status: 'active', attempt: 2 })
  await wake()
  await until(async () => (await look())?.status === 'ended', 60_000)
})

t.test('a verdict that the agent did not come is not given where it has come meanwhile: look again', async (t) => {
  const { service, name, wake, look } = await withSession(t)
  service.database.when('nameVerdictOfLook', { before: () => talked(service.db, name) })
  await wake()
  await until(async () => service.database.count('handBack') === 1, 60_000)
  t.match(await look(), { status: 'active' })
})
