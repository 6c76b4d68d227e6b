// growth: the service on a database of a million sessions beside the same on an empty one, and whether any request reads a
// table from end to end.
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Customer } from '../accept/customer.ts'
import type { Replica } from '../accept/replica.ts'
import { createDatabase } from '../src/repositories/database.ts'
import { migrate } from '../src/repositories/migrate.ts'
import type { Db } from '../src/repositories/schema.ts'
import { createCustomers, crowd, fill, sequentialScans } from './crowd.ts'
import { load, median, type Target } from './load.ts'
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
  if (isGrown) await fill(db)
  const created = await createCustomers(db, customers)
  const replica = await parts.startService({ DATABASE_URL: url })
  return { name, db, replica, customers: created, sessions: [] }
}

/** Requests of all customers in turn. */
function target({ name, replica, customers, sessions }: Side, kind: 'create' | 'get' | 'list'): Target {
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
      const of = kind === 'get' ? `${path}/${session.room_name}` : path
      return { method: 'GET', path: of, headers: { 'x-api-key': session.key }, body: '' }
    },
  }
}

export async function growth({ short }: { short: boolean }): Promise<Outcome> {
  const parts = await startParts()
  const sides = [
    await startSide(parts, 'empty', false, short ? 50 : 1000),
    await startSide(parts, 'grown', true, short ? 50 : 1000),
  ] as const
  for (const side of sides) {
    await load(target(side, 'create'), { concurrency: 16, requests: 2 * side.customers.length })
    const { rows } = await sql<{ room_name: string; organization_id: string }>`
      SELECT room_name, organization_id FROM voice_sessions WHERE status = 'active'`.execute(side.db)
    const keys = new Map(side.customers.map(({ organizationId, key }) => [organizationId, key]))
    side.sessions = rows.map(({ room_name, organization_id }) => ({
      room_name,
      key: keys.get(organization_id) as string,
    }))
  }
  const kinds = ['create', 'get', 'list'] as const
  const measured = sides.map(() => ({ create: [] as number[], get: [] as number[], list: [] as number[] }))
  await sleep(2000)
  const before = await sequentialScans(sides[1].db)
  const [rounds, milliseconds] = short ? [2, 1000] : [5, 3000]
  for (let round = 0; round <= rounds; round++)
    for (const kind of kinds)
      for (const [index, side] of sides.entries()) {
        const { rate, p99 } = await load(target(side, kind), { concurrency: 16, milliseconds })
        if (kind === 'create') await parts.cleanRooms()
        if (round > 0) measured[index]?.[kind].push(kind === 'create' ? rate : p99)
      }
  // The statistics of a connection are told once a second.
  await sleep(2000)
  const after = await sequentialScans(sides[1].db)
  const scanned = Object.keys(after).filter((table) => after[table] !== before[table])
  for (const { db } of sides) await db.destroy()
  await parts.stop()

  const medians = measured.map(
    ({ create, get, list }): Record<string, number> => ({
      creates_per_second: median(create),
      get_p99_ms: median(get),
      list_p99_ms: median(list),
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
      { name: 'tables read from end to end', creates_per_second: scanned.join(', ') || 'none' },
    ],
    targets: [
      { what: 'creations beside an empty database', reached: ratio('creates_per_second'), least: 0.9 },
      { what: 'p99 of get beside an empty database', reached: ratio('get_p99_ms'), most: 2 },
      { what: 'p99 of list beside an empty database', reached: ratio('list_p99_ms'), most: 2 },
      { what: 'tables read from end to end', reached: scanned.length, most: 0 },
    ],
  }
}
