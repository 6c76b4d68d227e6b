// limits: what stands in the way of ten times more. How soon one LiveKit node sends the agent as rooms come faster; and how
// many sessions one PostgreSQL holds, activates and settles as its disk gets slower, for many organizations and for one.
import { sql } from 'kysely'
import { createLanes } from '../src/plugins/calls/lanes.ts'
import { createDatabase } from '../src/repositories/database.ts'
import { holdMinute } from '../src/repositories/hold.ts'
import { settle } from '../src/repositories/ledger.ts'
import type { Db } from '../src/repositories/schema.ts'
import { activate } from '../src/repositories/transitions.ts'
import { formatRoomName } from '../src/room-name.ts'
import { defaults, withoutContext } from '../test/without-context.ts'
import { timesToAssignment } from './assignment.ts'
import { inTurn, rawCreateRoom } from './contestants.ts'
import { timesOf } from './figures.ts'
import { atOnce } from './load.ts'
import type { Outcome, Row } from './outcome.ts'
import { type Parts, startParts } from './parts.ts'

const roomsPerSecond = [25, 50, 75, 100]
/** Added to every write of the log that somebody waits for: a slower disk. */
const commitDelayMilliseconds = [0, 1, 5]
const concurrency = 16

/** In the room names: they come faster than milliseconds, and must not come twice. */
let timestamp = Date.now()

/** Whole sessions per second, so many at once, each for the next of so many customers, as one replica would ask. */
async function ledgerRate(db: Db, customers: number, milliseconds: number): Promise<number> {
  const { rows } = await sql<{ organization_id: string; api_key_id: string; user_id: string; agent_id: string }>`
    SELECT organization_id, api_keys.id AS api_key_id, user_id, agents.id AS agent_id
    FROM api_keys JOIN agents USING (organization_id) LIMIT ${customers}`.execute(db)
  const next = inTurn(rows)
  const lanes = createLanes({ perName: 1, maxWaitMilliseconds: 60_000 })
  let sessions = 0
  const startedAt = performance.now()
  await atOnce(concurrency, async () => {
    const who = next()
    for (; performance.now() < startedAt + milliseconds; sessions++) {
      const room_name = formatRoomName({ agentId: who.agent_id, userId: who.user_id, timestamp: timestamp++ })
      const session = { ...who, ...withoutContext, room_name }
      const isWhole =
        (await lanes(who.organization_id, () => holdMinute(db, session, defaults)))?.created_at &&
        (await activate(db, {
          room_name,
          attempt: 1,
          room_sid: 'RM_limits',
          worker_name: 'voice-agent',
          made_at: new Date(),
        })) &&
        (await settle(db, room_name, { end_reason: 'ended_by_api', until: 'now' }))
      if (!isWhole) throw new Error('a session was not held, activated and settled')
    }
  })
  return sessions / ((performance.now() - startedAt) / 1000)
}

async function slowCommits(db: Db, milliseconds: number): Promise<void> {
  await sql.raw(`ALTER SYSTEM SET commit_delay = ${milliseconds * 1000}`).execute(db)
  await sql.raw('ALTER SYSTEM SET commit_siblings = 0').execute(db)
  await sql`SELECT pg_reload_conf()`.execute(db)
}

async function ledgerRows({ postgres, clean }: Parts, milliseconds: number): Promise<Row[]> {
  const db = createDatabase(postgres.url(), { max: concurrency })
  const rows: Row[] = []
  for (const delay of commitDelayMilliseconds)
    for (const count of [concurrency, 1]) {
      await slowCommits(db, delay)
      await ledgerRate(db, count, milliseconds / 5)
      const per_second = await ledgerRate(db, count, milliseconds)
      const who = count === 1 ? 'one organization' : `${count} organizations`
      rows.push({ what: `PostgreSQL, disk ${delay} ms slower, ${who}`, per_second })
      await clean()
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
    const times = timesOf(await timesToAssignment(parts, raw, { perSecond, seconds: short ? 2 : 15 }))
    const what = 'one LiveKit node, room to assigned agent'
    rows.push({ what, per_second: perSecond, p50_ms: times.p50, p95_ms: times.p95 })
  }
  await parts.stop()
  return { rows, targets: [] }
}
