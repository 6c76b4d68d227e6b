// What a whole call costs that begins, talks for three minutes and ends: its create over the API, LiveKit's events of it, its
// looks and its settlement. Calls come as fast as keeps so many of them live; no time is compressed: those that are live at the
// start are as old as if it had always been so.
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { medians } from './figures.ts'
import { passingCalls, writeCalls } from './live-calls.ts'
import { startCreates } from './live-creates.ts'
import { type Side, startSide } from './live-side.ts'
import { take } from './live-take.ts'
import type { Row, Target } from './outcome.ts'
import type { Parts } from './parts.ts'
import { startStandIn } from './standin.ts'

const talkMilliseconds = 180_000
/** From the caller's leave to the end of the room, and a little more: the first calls that were live at the start are over. */
const warmUpMilliseconds = 20_000

/** Another checkout, with its packages installed, whose service takes turns with this one's. */
const { BESIDE: beside } = process.env

export interface ChurnOptions {
  /** Calls that are live at any time. */
  live: number
  short: boolean
}

/** How many calls have been settled, and how many of them not as the caller's leave after three minutes asks for. */
async function countSettled({ db }: Side) {
  const { rows } = await sql<{ all: number; wrong: number }>`
    SELECT count(*)::int AS all, count(*) FILTER (WHERE end_reason <> 'caller_left'
      OR abs(seconds_billed - ${talkMilliseconds}::int / 1000) > 3)::int AS wrong
    FROM voice_sessions WHERE charged IS NOT NULL`.execute(db)
  return rows[0] as { all: number; wrong: number }
}

/** One turn of a checkout, with everything started anew. */
async function turn(parts: Parts, { live, short }: ChurnOptions, checkout?: string) {
  const standIn = await startStandIn(parts)
  await standIn.tell('talk', { milliseconds: talkMilliseconds })
  const side = await startSide(parts, {
    checkout,
    replicas: 1,
    livekitUrl: standIn.url,
    async prepare({ db, customers }) {
      const calls = passingCalls(customers, live, talkMilliseconds)
      await writeCalls(db, calls)
      await standIn.tell('have', calls)
    },
  })
  await standIn.tell('tell', { urls: side.replicas.map(({ url }) => url) })
  const stopCreates = startCreates(side, { perSecond: (live * 1000) / talkMilliseconds })
  await sleep(warmUpMilliseconds)
  const before = await countSettled(side)
  const { serviceMs, postgresMs, commits, loopP99, residentMb } = await take(parts, side, {
    milliseconds: short ? 20_000 : talkMilliseconds,
    standIn,
  })
  const after = await countSettled(side)
  const { p50, p99, refused } = await stopCreates()
  const { eventsLost } = await standIn.tell('counts', {})
  await side.stop()
  await standIn.stop()
  const calls = after.all - before.all
  return {
    service_ms: serviceMs / calls,
    postgres_ms: postgresMs / calls,
    commits: commits / calls,
    loop_p99_ms: loopP99,
    resident_mb: residentMb,
    create_p50_ms: p50,
    create_p99_ms: p99,
    creates_refused: refused,
    wrong: after.wrong + Number(eventsLost),
  }
}

/** Rows of this checkout and, with BESIDE, of the other; they take turns, begun by either. */
export async function churn(parts: Parts, options: ChurnOptions): Promise<{ rows: Row[]; targets: Target[] }> {
  const { live, short } = options
  const rounds: Record<'own' | 'other', Awaited<ReturnType<typeof turn>>[]> = { own: [], other: [] }
  for (let round = 0; round < (beside && !short ? 3 : 1); round++)
    for (const who of round % 2 === 0 ? (['own', 'other'] as const) : (['other', 'own'] as const))
      if (who === 'own' || beside) rounds[who].push(await turn(parts, options, who === 'own' ? undefined : beside))
  const worst = Math.max(...[...rounds.own, ...rounds.other].map(({ wrong }) => wrong))
  const billed = { what: `churn of ${live}, calls not billed for three minutes`, reached: worst, most: 0 }
  const targets: Target[] = short ? [] : [billed]
  const { wrong: _, ...own } = medians(rounds.own)
  const rows: Row[] = [{ what: 'churn', replicas: 1, calls: live, ...own }]
  if (!beside) return { rows, targets }

  const { wrong: __, ...other } = medians(rounds.other)
  rows.push({ what: 'churn, the other checkout', replicas: 1, calls: live, ...other })
  const ratio = (figure: 'service_ms' | 'postgres_ms') => own[figure] / other[figure]
  rows.push({
    what: 'churn beside it',
    replicas: 1,
    calls: live,
    service_ms: ratio('service_ms'),
    postgres_ms: ratio('postgres_ms'),
  })
  if (short) return { rows, targets }
  for (const figure of ['service_ms', 'postgres_ms'] as const)
    targets.push({ what: `churn of ${live}, ${figure} beside the other checkout`, reached: ratio(figure), most: 1.05 })
  return { rows, targets }
}
