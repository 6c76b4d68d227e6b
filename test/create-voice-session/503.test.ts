// 503: the database cannot answer, at any step before the room is made. LiveKit is never called then.
import { type Kysely, sql } from 'kysely'
import t, { type Test } from 'tap'
import type { Tables } from '../../src/repositories/schema.ts'
import {
  type Answer,
  buildBehindProxies,
  cloneDatabase,
  leftNothing,
  livekitCalls,
  type Proxied,
  refused,
  run,
  until,
} from '../helper.ts'
import type { Fault } from '../proxy.ts'

const unavailable = (t: Test, answer: Answer) =>
  refused(t, answer, 503, 'Service temporarily unavailable', { 'retry-after': '1' })

/** The database is there again, and so is the service, at once. */
async function recovers(t: Test, service: Proxied) {
  await service.database.set('pass')
  t.equal((await service.create()).status, 200, 'the next is served')
}

t.test('503: the database is lost at a step before the room', async (t) => {
  t.jobs = 4
  const steps = {
    'the key lookup': 'findCaller',
    'the agent lookup': 'findAgent',
    'the hold': 'holdMinute',
  }
  const faults: Fault[] = ['refuse', 'reset', 'hang', 'close', 'reset answer', 'lose answer']
  for (const [step, statement] of Object.entries(steps))
    t.test(`503: at ${step}`, { buffered: true }, async (t) => {
      const service = await buildBehindProxies(t)
      for (const fault of faults)
        await t.test(`503: ${fault} at ${step}`, async (t) => {
          const before = { calls: livekitCalls(service.livekit).length, credits: await service.credits() }
          const sessions = await service.sessions()
          const met = service.database.count(statement)
          service.database.when(statement, fault)
          unavailable(t, await service.create())
          t.equal(service.database.count(statement), met + 1, 'the fault was met')
          t.equal(livekitCalls(service.livekit).length, before.calls, 'LiveKit was never called')
          if (statement === 'holdMinute' && (fault === 'reset answer' || fault === 'lose answer')) {
            t.match((await service.sessions())[0], { status: 'creating', held: 10 }, 'held, for the reaper to return')
          } else {
            t.strictSame(await service.sessions(), sessions, 'no session')
            t.equal(await service.credits(), before.credits, 'all credits')
          }
          await recovers(t, service)
        })
    })
})

t.test('503: while the database is away, and no longer', async (t) => {
  const service = await buildBehindProxies(t)
  for (const fault of ['refuse', 'reset', 'hang', 'close'] as const)
    await t.test(`503: ${fault}`, async (t) => {
      const calls = livekitCalls(service.livekit).length
      await service.database.set(fault)
      for (let i = 0; i < 2; i++) unavailable(t, await service.create())
      t.equal(livekitCalls(service.livekit).length, calls, 'LiveKit was never called')
      await recovers(t, service)
    })
})

t.test('503: every connection is busy', async (t) => {
  const service = await buildBehindProxies(t)
  const poolSize = 10
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  service.database.when('findCaller', { before: () => released }, poolSize)
  const ten: Promise<Answer>[] = []
  // Each after the one before has been sent, or they would be asked for together.
  while (ten.length < poolSize) {
    ten.push(service.create())
    await until(async () => service.database.count('findCaller') === ten.length)
  }
  unavailable(t, await service.create())
  t.equal(service.database.count('findCaller'), poolSize, 'the eleventh got no connection')
  t.equal(service.livekit.count('CreateRoom'), 0, 'LiveKit was never asked for a room')
  release()
  for (const create of ten) t.equal((await create).status, 200, 'the ten are served')
})

t.test('503: PostgreSQL says that it cannot now', async (t) => {
  const service = await buildBehindProxies(t)
  const { id } = service.organization
  const database = new URL(await cloneDatabase()).pathname.slice(1)
  const change = (statements: string) => run(service.db, statements)
  const disconnect =
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()'

  /** A create while a transaction of somebody else has done something. */
  const during = (t: Test, something: (db: Kysely<Tables>) => Promise<unknown>) =>
    service.db.transaction().execute(async (somebody) => {
      await something(somebody)
      unavailable(t, await service.create())
    })

  const causes: Record<string, (t: Test) => Promise<unknown>> = {
    'somebody has the organization’s row': (t) =>
      during(t, (db) => sql`SELECT 1 FROM organizations WHERE id = ${id} FOR UPDATE`.execute(db)),
    'somebody has the table of keys': (t) => during(t, (db) => sql`LOCK TABLE api_keys`.execute(db)),
    'a statement takes too long': async (t) => {
      await change('ALTER TABLE agents RENAME TO slow; CREATE VIEW agents AS SELECT slow.* FROM slow, pg_sleep(30)')
      unavailable(t, await service.create())
      await change('DROP VIEW agents; ALTER TABLE slow RENAME TO agents')
    },
    'its tables have changed since the statement was prepared': async (t) => {
      for (const type of ['varchar', 'text']) {
        await change(`ALTER TABLE api_keys ALTER user_id TYPE ${type}`)
        unavailable(t, await service.create(service.organization.textAgent))
        await until(async () => (await service.create(service.organization.textAgent)).status === 400)
      }
    },
    'it shuts the connection down': async (t) => {
      service.database.when('holdMinute', { before: () => change(disconnect) })
      unavailable(t, await service.create())
    },
    'it is read-only, after a failover': async (t) => {
      const met = service.database.count('holdMinute')
      await change(`ALTER DATABASE ${database} SET default_transaction_read_only = on`)
      await change(disconnect)
      await until(async () => {
        unavailable(t, await service.create())
        return service.database.count('holdMinute') > met
      })
      await change(`ALTER DATABASE ${database} RESET default_transaction_read_only`)
      await change(disconnect)
    },
  }
  for (const [cause, unavailableWhile] of Object.entries(causes)) await t.test(`503: ${cause}`, unavailableWhile)
  await leftNothing(t, service)
  t.notOk(livekitCalls(service.livekit).includes('CreateRoom'), 'LiveKit was never asked for a room')
  await recovers(t, service)
})
