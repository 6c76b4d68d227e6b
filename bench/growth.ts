// growth: the service on a database of a million sessions beside the same on an empty one, and whether any request reads a
// table from end to end.
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Customer } from '../accept/customer.ts'
import type { Replica } from '../accept/replica.ts'
import { createDatabase } from '../src/repositories/database.ts'
import { migrate } from '../src/repositories/migrate.ts'
import type { Db } from '../src/repositories/schema.ts'
import { createCustomers, crowd, fill, pastOf, sequentialScans } from './crowd.ts'
import { type Contestant, load, median } from './load.ts'
import { type Outcome, rounded } from './outcome.ts'
import { type Parts, startParts } from './parts.ts'

interface Side {
  name: string
  db: Db
  replica: Replica
  customers: Customer[]
  /** Room names to ask for. */
  sessions: { room_name: string; key: string }[]
}

async function startSide(parts: Parts, name: string, isGrown: boolean, customers: number): Promise<Side> {
  await sql.raw(`CREATE DATABASE ${name}`).execute(parts.db)
  const url = parts.postgres.url(name)
  const db = createDatabase(url, { max: 2 })
  await migrate(db)
  const created = await createCustomers(db, customers)
  await fill(db, isGrown ? crowd : pastOf(created))
  const sessions: Side['sessions'] = []
  for (const { organizationId, key } of created) {
    const { rows } = await sql<{ room_name: string }>`
      SELECT room_name FROM voice_sessions WHERE organization_id = ${organizationId} LIMIT 1`.execute(db)
    sessions.push(...rows.map(({ room_name }) => ({ room_name, key })))
  }
  const replica = await parts.startService({ DATABASE_URL: url })
  return { name, db, replica, customers: created, sessions }
}

const kinds = ['create', 'get', 'list', 'list active'] as const
type Kind = (typeof kinds)[number]

/** Requests of all customers in turn. */
function contestant({ name, replica, customers, sessions }: Side, kind: Kind): Contestant {
  let sent = 0
  const path = '/v1/chat/voice-sessions'
  return {
    name: `${kind}, ${name}`,
    url: replica.url,
    accepts: (status) => status === 200,
    next: () => {
      sent++
      const { key, agentId } = customers[sent % customers.length] as Customer
      if (kind === 'create') {
        const headers = { 'x-api-key': key, 'content-type': 'application/json' }
        return { path, headers, body: JSON.stringify({ agent_id: agentId }) }
      }
      const session = sessions[sent % sessions.length] as Side['sessions'][0]
      const paths = { get: `${path}/${session.room_name}`, list: path, 'list active': `${path}?status=active` }
      return { method: 'GET', path: paths[kind], headers: { 'x-api-key': session.key }, body: '' }
    },
  }
}

/** Ends every room and forgets the sessions of a round. */
async function forgetOpen(parts: Parts, { db }: Side): Promise<void> {
  await sql`DELETE FROM voice_sessions WHERE charged IS NULL`.execute(db)
  await sql`UPDATE organizations SET open_sessions = 0 WHERE open_sessions > 0`.execute(db)
  await parts.cleanRooms()
}

/** PostgreSQL has a connection tell its statistics once a second while it is used, and after ten seconds without use. */
const statisticsDelayMilliseconds = 12_000

/** The tables that are read from end to end while requests are made. */
async function tablesScanned(side: Side): Promise<string[]> {
  await sleep(statisticsDelayMilliseconds)
  const before = await sequentialScans(side.db)
  for (const kind of kinds) await load(contestant(side, kind), { concurrency: 16, milliseconds: 1000 })
  await sleep(statisticsDelayMilliseconds)
  const after = await sequentialScans(side.db)
  return Object.keys(after).filter((table) => after[table] !== before[table])
}

export async function growth({ short }: { short: boolean }): Promise<Outcome> {
  const parts = await startParts()
  const sides = [
    await startSide(parts, 'empty', false, short ? 50 : 1000),
    await startSide(parts, 'grown', true, short ? 50 : 1000),
  ] as const
  const measured = sides.map((): Record<Kind, number[]> => ({ create: [], get: [], list: [], 'list active': [] }))
  const [rounds, milliseconds] = short ? [2, 1000] : [5, 3000]
  for (let round = 0; round <= rounds; round++)
    for (const kind of kinds)
      for (const [index, side] of sides.entries()) {
        const { rate, p99 } = await load(contestant(side, kind), { concurrency: 16, milliseconds })
        if (kind === 'create') await forgetOpen(parts, side)
        if (round > 0) measured[index]?.[kind].push(kind === 'create' ? rate : p99)
      }
  const scanned = await tablesScanned(sides[1])
  for (const { db } of sides) await db.destroy()
  await parts.stop()

  const medians = measured.map(
    (of): Record<string, number> => ({
      creates_per_second: median(of.create),
      get_p99_ms: median(of.get),
      list_p99_ms: median(of.list),
      list_active_p99_ms: median(of['list active']),
    }),
  )
  const [empty = {}, grown = {}] = medians
  const ratio = (what: string) => (grown[what] as number) / (empty[what] as number)
  const row = (name: string, values: Record<string, number>) => ({
    name,
    ...Object.fromEntries(Object.entries(values).map(([key, value]) => [key, rounded(value)])),
  })
  return {
    rows: [
      row('empty', empty),
      row(`${crowd.sessions.toLocaleString('en')} sessions`, grown),
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
