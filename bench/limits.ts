// limits: what stands in the way of ten times more. How soon one LiveKit node sends the agent as rooms come faster; and how
// many sessions one PostgreSQL holds, activates and settles as its disk gets slower, for many organizations and for one.
import { sql } from 'kysely'
import type { Customer } from '../accept/customer.ts'
import { hashApiKey } from '../src/api-key.ts'
import { createLanes } from '../src/plugins/calls/lanes.ts'
import { findCaller } from '../src/repositories/api-keys.ts'
import { createDatabase } from '../src/repositories/database.ts'
import { holdMinute, settle } from '../src/repositories/ledger.ts'
import type { Db } from '../src/repositories/schema.ts'
import { activate } from '../src/repositories/transitions.ts'
import { formatRoomName } from '../src/room-name.ts'
import { timesToAssignment } from './assignment.ts'
import { rawCreateRoom } from './contestants.ts'
import { quantile } from './load.ts'
import { type Outcome, rounded } from './outcome.ts'
import { type Parts, startParts } from './parts.ts'

const roomsPerSecond = [25, 50, 75, 100]
/** Added to every write of the log that somebody waits for: a slower disk. */
const commitDelayMilliseconds = [0, 1, 5]
const concurrency = 16

/** In the room names: they come faster than milliseconds, and must not come twice. */
let timestamp = Date.now()

/** Whole sessions per second, by so many at once, each for the next of the customers, as one replica would ask. */
async function ledgerRate(db: Db, customers: Customer[], milliseconds: number): Promise<number> {
  const callers = await Promise.all(customers.map(({ key }) => findCaller(db, { key_hash: hashApiKey(key) })))
  const lanes = createLanes({ perName: 1, maxWaitMilliseconds: 60_000 })
  let sessions = 0
  const startedAt = performance.now()
  const lane = async (_: unknown, number: number) => {
    const { agentId, userId, organizationId } = customers[number % customers.length] as Customer
    const { api_key_id } = callers[number % customers.length] as { api_key_id: string }
    for (; performance.now() < startedAt + milliseconds; sessions++) {
      const room_name = formatRoomName({ agentId, userId, timestamp: timestamp++ })
      const ids = { organization_id: organizationId, api_key_id, user_id: userId, agent_id: agentId }
      const session = { room_name, ...ids, agent_name: 'Agent', idempotency_key: null, rate: 1 }
      const isWhole =
        (await lanes(organizationId, () => holdMinute(db, session)))?.created_at &&
        (await activate(db, { room_name, attempt: 1, room_sid: 'RM_limits' })) &&
        (await settle(db, room_name, { end_reason: 'ended_by_api', until: 'now' }))
      if (!isWhole) throw new Error('a session was not held, activated and settled')
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
  return sessions / ((performance.now() - startedAt) / 1000)
}

async function slowCommits(db: Db, milliseconds: number): Promise<void> {
  await sql.raw(`ALTER SYSTEM SET commit_delay = ${milliseconds * 1000}`).execute(db)
  await sql.raw('ALTER SYSTEM SET commit_siblings = 0').execute(db)
  await sql`SELECT pg_reload_conf()`.execute(db)
}

async function ledgerRows(parts: Parts, milliseconds: number): Promise<Outcome['rows']> {
  const db = createDatabase(parts.postgres.url(), { max: concurrency })
  const rows: Outcome['rows'] = []
  for (const delay of commitDelayMilliseconds) {
    await slowCommits(db, delay)
    for (const [who, customers] of [
      [`${concurrency} organizations`, parts.customers],
      ['one organization', parts.customers.slice(0, 1)],
    ] as const) {
      await ledgerRate(db, [...customers], milliseconds / 5)
      const rate = await ledgerRate(db, [...customers], milliseconds)
      rows.push({ what: `PostgreSQL, disk ${delay} ms slower, ${who}`, per_second: rounded(rate) })
      await parts.clean()
    }
  }
  await slowCommits(db, 0)
  await db.destroy()
  return rows
}

export async function limits({ short }: { short: boolean }): Promise<Outcome> {
  const parts = await startParts()
  const raw = await rawCreateRoom(parts)
  const rows = await ledgerRows(parts, short ? 500 : 5000)
  for (const perSecond of short ? [25] : roomsPerSecond) {
    const times = await timesToAssignment(parts, raw, { perSecond, seconds: short ? 2 : 15 })
    rows.push({
      what: 'one LiveKit node, room to assigned agent',
      per_second: perSecond,
      p50_ms: rounded(quantile(times, 0.5)),
      p95_ms: rounded(quantile(times, 0.95)),
    })
  }
  await parts.stop()
  return { rows, targets: [] }
}
