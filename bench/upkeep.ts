// What a call costs that just goes on: nobody joins, nobody leaves, one in a hundred agents dies and no event tells of it.
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { calmCalls, writeCalls } from './live-calls.ts'
import { startCreates } from './live-creates.ts'
import { type Side, startSide } from './live-side.ts'
import { type Take, take } from './live-take.ts'
import type { Row } from './outcome.ts'
import type { Parts } from './parts.ts'
import { type StandIn, startStandIn } from './standin.ts'

export interface UpkeepOptions {
  calls: number
  replicas: number
  short: boolean
}

export interface Upkeep {
  row: Row
  /** Calls that ended although nothing happened to them. */
  wronglyEnded: number
}

/** What is created beside the calls. */
const few = { perSecond: 5, lifeMilliseconds: 1000 }

/** The columns that upkeep is shown with; CPU in milliseconds. */
const perCallMinute = ({ callMinutes, serviceMs, postgresMs, commits, requests }: Take) => ({
  service_ms: serviceMs / callMinutes,
  postgres_ms: postgresMs / callMinutes,
  commits: commits / callMinutes,
  ...(Number.isNaN(requests) ? {} : { requests: requests / callMinutes }),
})

/** The service beside so many calls, all of which the stand-in has. */
export async function startBeside(parts: Parts, standIn: StandIn, count: number, replicas: number): Promise<Side> {
  const side = await startSide(parts, {
    replicas,
    livekitUrl: standIn.url,
    async prepare({ db, customers }) {
      const calls = calmCalls(customers, count)
      await standIn.tell('have', calls)
      await writeCalls(db, calls)
    },
  })
  await standIn.tell('tell', { urls: side.replicas.map(({ url }) => url) })
  return side
}

export async function upkeep(parts: Parts, { calls, replicas, short }: UpkeepOptions): Promise<Upkeep> {
  const standIn = await startStandIn(parts)
  const side = await startBeside(parts, standIn, calls, replicas)
  const [warmUp, steady, beside] = short ? [20_000, 20_000, 10_000] : [60_000, 120_000, 60_000]
  await sleep(warmUp)
  await standIn.tell('die', { oneIn: 100, milliseconds: steady })
  const kept = await take(parts, side, { milliseconds: steady, standIn })
  const stopCreates = startCreates(side, few)
  await sleep(beside)
  const creates = await stopCreates()
  const { rows: wrong } = await sql<{ count: number }>`
    SELECT count(*) AS count FROM voice_sessions WHERE end_reason NOT IN ('agent_left', 'ended_by_api')`.execute(
    side.db,
  )
  await side.stop()
  await standIn.stop()
  const row = {
    what: 'upkeep',
    replicas,
    calls,
    ...perCallMinute(kept),
    late_p99_s: kept.lateP99,
    late_max_s: kept.lateMax,
    loop_p99_ms: kept.loopP99,
    loop_max_ms: kept.loopMax,
    resident_mb: kept.residentMb,
    create_p50_ms: creates.p50,
    create_p99_ms: creates.p99,
    creates_refused: creates.refused,
  }
  return { row, wronglyEnded: Number(wrong[0]?.count) }
}
