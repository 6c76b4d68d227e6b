// A failover: for a while PostgreSQL takes nothing that is written, and connections that were made meanwhile stay so. The
// service says that it is not ready, and goes on by itself when PostgreSQL does.
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { build, cloneDatabase, refused, type Service, until } from './helper.ts'
import { query } from './processes.ts'

const databaseName = async () => new URL(await cloneDatabase()).pathname.slice(1)

/** From now on connections are made read-only, or are not. */
async function make(readOnly: 'on' | 'off'): Promise<void> {
  await query(`ALTER DATABASE ${await databaseName()} SET default_transaction_read_only = ${readOnly}`)
}

/** Ends all connections there are, as a server does that stops. */
const endConnections = async () =>
  query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [await databaseName()])

const isReady = async ({ request }: Service) => (await request('/readyz')).status === 200

/** What creates are answered while they are asked for without a pause, so that no connection is idle. */
async function createFor(service: Service, milliseconds: number): Promise<number[]> {
  const statuses: number[] = []
  const end = performance.now() + milliseconds
  while (performance.now() < end) {
    statuses.push((await service.create()).status)
    await setTimeout(50)
  }
  return statuses
}

t.test('503 while PostgreSQL is read-only, and 200 soon after, under load and without', async (t) => {
  const service = await build(t, { RATE_LIMIT_PER_MINUTE: '100000' }, { credits: 100_000, maxSessions: 10_000 })
  t.equal((await service.create()).status, 200)
  for (const load of [true, false]) {
    await make('on')
    await endConnections()
    await until(async () => !(await isReady(service)))
    if (load) t.same([...new Set(await createFor(service, 4000))], [503])
    else refused(t, await service.request('/readyz'), 503, 'Service temporarily unavailable', { 'retry-after': '1' })
    await make('off')
    if (load) await createFor(service, 1000)
    await until(async () => isReady(service))
    t.equal((await service.create()).status, 200, 'no connection of before is used')
  }
})

t.test(
  'connections of a read-only server that nobody asked anything of are thrown away with the first that was',
  async (t) => {
    const service = await build(t, {}, { credits: 100_000, maxSessions: 10_000 })
    await make('on')
    await endConnections()
    // Several connections of each pool are made now, and read on them works.
    await until(async () => {
      const reads = await Promise.all(Array.from({ length: 8 }, () => service.get('/v1/credits')))
      return reads.every(({ status }) => status === 200)
    })
    await make('off')
    t.ok((await Promise.all(Array.from({ length: 4 }, () => service.create()))).every(({ status }) => status < 504))
    t.equal((await service.create()).status, 200)
  },
)

t.test('connections that the server ends are made anew', async (t) => {
  const service = await build(t, {}, { credits: 100_000, maxSessions: 10_000 })
  for (let time = 0; time < 3; time++) {
    await Promise.all(Array.from({ length: 8 }, () => service.get('/v1/credits')))
    await endConnections()
    await until(async () => (await service.create()).status === 200)
    t.equal((await service.create()).status, 200)
  }
})
