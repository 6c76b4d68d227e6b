// Statements that meet at the same rows, where the database has each see only what was there when it began: one is broken off, and
// is asked again. Whoever asked sees nothing of it.
import pg from 'pg'
import t from 'tap'
import { grantCredits } from '../src/repositories/credit-grants.ts'
import { recordFact } from '../src/repositories/facts.ts'
import { createOrganization } from '../src/repositories/organizations.ts'
import { build, cloneDatabase, until } from './helper.ts'
import { query } from './processes.ts'
import { recording, types } from './recorded.ts'
import { defaults, withoutContext } from './without-context.ts'

t.setTimeout(600_000)

const times = <T>(count: number, work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)))

for (const level of ['read committed', 'repeatable read', 'serializable'])
  t.test(`${level} by default: ten at once are created, extended, ended and granted`, async (t) => {
    const url = await cloneDatabase()
    const name = new URL(url).pathname.slice(1)
    await query(`ALTER DATABASE ${name} SET default_transaction_isolation = '${level}'`, [], url)
    t.teardown(() => query(`ALTER DATABASE ${name} RESET ALL`, [], url))
    const service = await build(t)
    const { organization, app, db } = service

    const created = await times(10, () => service.create())
    t.strictSame(
      created.map(({ status }) => status),
      Array(10).fill(200),
    )
    const end = { method: 'DELETE', headers: service.authorized }
    const ended = await times(10, (index) =>
      service.request(`/v1/chat/voice-sessions/${created[index]?.json.room_name}`, end),
    )
    t.strictSame(
      ended.map(({ status, json }) => [status, json.status]),
      Array(10).fill([200, 'ended']),
    )
    t.equal(await service.credits(), organization.openingCredits)

    // As ten replicas would: without the lanes of one.
    const hold = (index: number) =>
      app.repositories.holdMinute(
        {
          ...withoutContext,
          room_name: `agent_${organization.pipelineAgent}_user123_${1700000000000 + index}`,
          organization_id: organization.id,
          api_key_id: organization.keyId,
          user_id: 'user123',
          agent_id: organization.pipelineAgent,
        },
        defaults,
      )
    const held = await times(10, hold)
    t.ok(
      held.every((each) => each?.created_at),
      'each holds its minute',
    )
    t.equal(await service.credits(), organization.openingCredits - 100)
    const sessions = (await service.sessions()).filter(({ status }) => status === 'creating')
    const settled = await times(10, (index) =>
      app.repositories.settle(sessions[index]?.room_name ?? '', { until: 'unknown', end_reason: 'create_abandoned' }),
    )
    t.ok(
      settled.every((each) => each?.charged === 0),
      'each is settled',
    )
    t.equal(await service.credits(), organization.openingCredits)

    await recording(service)
    for (let round = 0; round < 20; round++) {
      const { json } = await service.create()
      const join = (kind: 'caller' | 'agent') =>
        recordFact(db, {
          sid: `PA_${kind}${json.room_name}`,
          room_name: json.room_name,
          kind,
          identity: organization.userId,
          worker_name: 'voice-agent',
          told_at: new Date(),
        })
      await Promise.all([join('caller'), join('agent')])
    }
    const started = (await types(service)).filter((type) => type === 'call.started')
    t.equal(started.length, 20, 'each call whose two joined at once has started')

    const { id } = await createOrganization(db, { name: 'Granted' })
    await times(10, (index) => grantCredits(db, { id: `${id}-${index}`, organization_id: id, amount: 7 }))
    t.match(await query('SELECT credits::int FROM organizations WHERE id = $1', [id], url), [{ credits: 70 }])
  })

t.test('the one that PostgreSQL breaks off to end a deadlock is asked again', async (t) => {
  const service = await build(t)
  const { json } = await service.create()
  const other = new pg.Client({ connectionString: await cloneDatabase() })
  await other.connect()
  t.teardown(() => other.end())
  await other.query('BEGIN')
  await other.query('SELECT 1 FROM voice_sessions FOR UPDATE')
  const settling = service.app.repositories.settle(json.room_name, { until: 'unknown', end_reason: 'create_abandoned' })
  const waits = "SELECT 1 FROM pg_stat_activity WHERE query LIKE '/* settle */%' AND wait_event_type = 'Lock'"
  await until(async () => (await query(waits, [], await cloneDatabase())).length > 0)
  // The two wait for each other now; who began to wait first is broken off.
  await other.query('SELECT 1 FROM organizations FOR UPDATE')
  await other.query('COMMIT')
  t.match(await settling, { charged: 0 })
})
