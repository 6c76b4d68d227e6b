// growth: the service on a database of a million sessions beside the same on an empty one, and whether any request reads a
// table from end to end.
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Customer } from '../accept/customer.ts'
import { createDatabase } from '../src/repositories/database.ts'
import { migrate } from '../src/repositories/migrate.ts'
import type { Db } from '../src/repositories/schema.ts'
import { inTurn, service, sessionsPath } from './contestants.ts'
import { createCustomers, crowd, fill } from './crowd.ts'
import { medians, playRounds } from './figures.ts'
import { type Contestant, load } from './load.ts'
import type { Outcome } from './outcome.ts'
import { type Parts, startParts } from './parts.ts'

const columns = ['creates_per_second', 'get_p99_ms', 'list_p99_ms', 'list_active_p99_ms'] as const
type Column = (typeof columns)[number]

interface Side {
  db: Db
  contestants: Record<Column, Contestant>
}

/** The service on a database of its own, and each kind of request to it, of all customers in turn. */
async function startSide(parts: Parts, name: string, count: number): Promise<Side> {
  await sql.raw(`CREATE DATABASE ${name}`).execute(parts.db)
  const url = parts.postgres.url(name)
  const db = createDatabase(url, { max: 2 })
  await migrate(db)
  const customers = await createCustomers(db, count)
  // In the empty one each customer has a full page to list.
  const few = { organizations: 0, keys: 0, agents: 0, sessions: 20 * count }
  await fill(db, name === 'grown' ? crowd : few)
  const { rows } = await sql<{ organization_id: string; room_name: string }>`
    SELECT DISTINCT ON (organization_id) organization_id, room_name FROM voice_sessions`.execute(db)
  const rooms = new Map(rows.map(({ organization_id, room_name }) => [organization_id, room_name]))
  const create = service(await parts.startService({ DATABASE_URL: url }), customers)
  const read = (suffix: (customer: Customer) => string): Contestant => {
    const requests = customers.map((customer) => {
      return { method: 'GET', path: sessionsPath + suffix(customer), headers: { 'x-api-key': customer.key }, body: '' }
    })
    return { url: create.url, next: inTurn(requests) }
  }
  const contestants = {
    creates_per_second: create,
    get_p99_ms: read(({ organizationId }) => `/${rooms.get(organizationId)}`),
    list_p99_ms: read(() => ''),
    list_active_p99_ms: read(() => '?status=active'),
  }
  return { db, contestants }
}

/** PostgreSQL has a connection tell its statistics once a second while it is used, and after ten seconds without use. */
const statisticsDelayMilliseconds = 12_000

/** How often each table has been read from end to end. */
async function sequentialScans(db: Db): Promise<Map<string, number>> {
  await sleep(statisticsDelayMilliseconds)
  const { rows } = await sql<{ relname: string; scans: number }>`
    SELECT relname, seq_scan AS scans FROM pg_stat_user_tables`.execute(db)
  return new Map(rows.map(({ relname, scans }) => [relname, scans]))
}

/** The tables that are read from end to end while requests are made. */
async function tablesScanned({ db, contestants }: Side): Promise<string[]> {
  const before = await sequentialScans(db)
  for (const column of columns) await load(contestants[column], 16, 1000)
  const after = await sequentialScans(db)
  return [...after.keys()].filter((table) => after.get(table) !== before.get(table))
}

export async function growth({ short }: { short: boolean }): Promise<Outcome> {
  const parts = await startParts()
  const customers = short ? 50 : 1000
  const sides = { empty: await startSide(parts, 'empty', customers), grown: await startSide(parts, 'grown', customers) }
  const [count, milliseconds] = short ? [2, 1000] : [5, 3000]
  const rounds = await playRounds(count, async () => {
    const round = { empty: {} as Record<Column, number>, grown: {} as Record<Column, number> }
    for (const column of columns)
      for (const side of ['empty', 'grown'] as const) {
        const { db, contestants } = sides[side]
        const { rate, p99 } = await load(contestants[column], 16, milliseconds)
        round[side][column] = column === 'creates_per_second' ? rate : p99
        if (column !== 'creates_per_second') continue
        // What was created goes; the sessions of years stay.
        await sql`DELETE FROM voice_sessions WHERE charged IS NULL`.execute(db)
        await sql`UPDATE organizations SET open_sessions = 0 WHERE open_sessions > 0`.execute(db)
        await parts.clean()
      }
    return round
  })
  const scanned = await tablesScanned(sides.grown)
  for (const { db } of Object.values(sides)) await db.destroy()
  await parts.stop()

  const empty = medians(rounds.map((round) => round.empty))
  const grown = medians(rounds.map((round) => round.grown))
  const ratio = (column: Column) => grown[column] / empty[column]
  return {
    rows: [
      { name: 'empty', ...empty },
      { name: `${crowd.sessions.toLocaleString('en')} sessions`, ...grown },
      { name: 'tables read from end to end', tables: scanned.join(', ') || 'none' },
    ],
    targets: [
      { what: 'creations beside an empty database', reached: ratio('creates_per_second'), least: 0.9 },
      { what: 'p99 of get beside an empty database', reached: ratio('get_p99_ms'), most: 2 },
      { what: 'p99 of list beside an empty database', reached: ratio('list_p99_ms'), most: 2 },
      { what: 'p99 of list, active only, beside an empty database', reached: ratio('list_active_p99_ms'), most: 2 },
      { what: 'tables read from end to end', reached: scanned.length, most: 0 },
    ],
  }
}
