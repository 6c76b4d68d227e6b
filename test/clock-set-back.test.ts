// PostgreSQL's clock was set back, by an hour here: what was to be looked at soon is now an hour away, and is looked at at once.
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { freeTcpPort } from '../demo/ports.ts'
import { buildBehindProxies, type Proxied, until } from './helper.ts'
import { inAMinute } from './park.ts'

const inAnHour = sql`now() + interval '1 h'`

async function withSession(t: Test, changes = {}, headers = {}) {
  const service = await buildBehindProxies(t, changes)
  const name: string = (await service.create(undefined, headers)).json.room_name
  const set = (change: ReturnType<typeof sql>) =>
    sql`UPDATE voice_sessions SET ${change} WHERE room_name = ${name}`.execute(service.db)
  return { service, name, set }
}

const ended = (service: Proxied, name: string) =>
  until(async () => {
    const { json } = await service.get(`/v1/chat/voice-sessions/${name}`)
    return json.status === 'ended' && json
  }, 30_000)

const old = sql`created_at = now() - interval '1 min'`

for (const [what, change, end_reason] of [
  ['a call', sql`${old}`, 'agent_unavailable'],
  ['a create whose request is gone', sql`status = 'creating'`, 'create_abandoned'],
  ['a verdict', sql`end_reason = 'agent_left', ended_at = now()`, 'agent_left'],
  ['a lost room that can be reached again', sql`${old}, lost_since = ${inAnHour}`, 'agent_unavailable'],
] as const)
  t.test(`${what} is found`, async (t) => {
    const { service, name, set } = await withSession(t)
    await set(sql`wake_at = ${inAnHour}, ${change}`)
    t.match(await ended(service, name), { end_reason })
  })

t.test('a room has been lost only since now', async (t) => {
  const { service, name, set } = await withSession(t)
  service.livekit.when('ListParticipants', 'reset', Number.POSITIVE_INFINITY)
  await set(sql`wake_at = ${inAnHour}, lost_since = ${inAnHour}`)
  await until(async () => {
    const { rows } = await sql`
      SELECT FROM voice_sessions WHERE room_name = ${name} AND lost_since <= now() AND wake_at < now() + interval '11 s'`.execute(
      service.db,
    )
    return rows.length === 1
  }, 30_000)
})

t.test('more sessions than are claimed at once are found, those that are due as well', async (t) => {
  const service = await buildBehindProxies(t)
  for (let created = 0; created < 40; created++) t.equal((await service.create()).status, 200)
  await sql`
    UPDATE voice_sessions SET created_at = now() - interval '1 min',
      wake_at = CASE WHEN random() < 0.5 THEN now() ELSE ${inAnHour} END`.execute(service.db)
  await until(async () => (await service.sessions()).every(({ status }) => status === 'ended'), 30_000)
})

t.test('a session whose next look is a minute away is left alone', async (t) => {
  const { service, name, set } = await withSession(t)
  await set(sql`wake_at = ${inAMinute}, ${old}`)
  const claims = () => service.database.count('claimDue')
  const before = claims()
  await until(async () => claims() > before + 4, 30_000)
  t.match(await service.sessions(), [{ room_name: name, status: 'active' }])
})

t.test('200: a request is repeated with its key, and is not in progress for an hour', async (t) => {
  const headers = { 'idempotency-key': 'set-back' }
  const { service, name, set } = await withSession(t, {}, headers)
  // The reaper would find it first.
  service.database.when('claimDue', 'hang', Number.POSITIVE_INFINITY)
  await set(sql`status = 'creating', wake_at = ${inAnHour}`)
  t.match(await service.create(undefined, headers), { status: 200, json: { room_name: name } })
  const { rows } = await sql`
    SELECT attempt FROM voice_sessions
    WHERE room_name = ${name} AND wake_at < now() + interval '16 s'`.execute(service.db)
  t.match(rows, [{ attempt: 2 }])
})

t.test('while nobody looks the gauge says so', async (t) => {
  const port = await freeTcpPort()
  const { service, set } = await withSession(t, { METRICS_PORT: String(port) })
  service.database.when('claimDue', 'close', Number.POSITIVE_INFINITY)
  const gauge = async () => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    return /^sessions_past_wake (\S+)$/m.exec(text)?.[1]
  }
  await set(sql`wake_at = ${inAMinute}`)
  t.equal(await gauge(), '0')
  await set(sql`wake_at = ${inAnHour}`)
  t.equal(await gauge(), '1')
})
