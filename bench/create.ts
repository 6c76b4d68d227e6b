// create: sessions per second, latency and CPU beside LiveKit's own limit and the tutorial stack, round by round. All parts
// are started anew several times within one run: one start of a process is not like the next.
import { rawCreateRoom, service, tutorial } from './contestants.ts'
import { type Contestant, load, median } from './load.ts'
import { type Outcome, rounded, type Target } from './outcome.ts'
import { type Parts, startParts } from './parts.ts'
import { cpuOf, cpuOfFamily } from './processes.ts'

/** One turn of a contestant. */
interface Turn {
  p50_alone_ms: number
  per_second: number
  p50_ms: number
  p99_ms: number
  /** CPU time for each request: the contestant's own, PostgreSQL's and LiveKit's. */
  cpu_ms: number
  postgres_ms: number
  livekit_ms: number
}

interface Round {
  raw: Turn
  own: Turn
  taught: Turn
}

async function take(parts: Parts, contestant: Contestant, milliseconds: number): Promise<Turn> {
  const warmUp = (concurrency: number) => load(contestant, { concurrency, milliseconds: 300 })
  await warmUp(1)
  const alone = await load(contestant, { concurrency: 1, milliseconds })
  await warmUp(16)
  const cpu = () => ({
    cpu_ms: cpuOf(contestant.pid),
    postgres_ms: cpuOfFamily(parts.postgres.pid),
    livekit_ms: cpuOf(parts.livekit.pid),
  })
  const before = cpu()
  const many = await load(contestant, { concurrency: 16, milliseconds })
  const after = cpu()
  const each = (whose: keyof typeof after) => (after[whose] - before[whose]) / many.requests
  await parts.clean()
  return {
    p50_alone_ms: alone.p50,
    per_second: many.rate,
    p50_ms: many.p50,
    p99_ms: many.p99,
    cpu_ms: each('cpu_ms'),
    postgres_ms: each('postgres_ms'),
    livekit_ms: each('livekit_ms'),
  }
}

/** So many rounds with everything started anew; one more before them warms up. */
async function playRounds(rounds: number, milliseconds: number): Promise<Round[]> {
  const parts = await startParts()
  const raw = await rawCreateRoom(parts)
  const own = service(await parts.startService(), parts.customers)
  const taught = await tutorial(parts)
  const played: Round[] = []
  for (let round = 0; round <= rounds; round++)
    played.push({
      raw: await take(parts, raw, milliseconds),
      own: await take(parts, own, milliseconds),
      taught: await take(parts, taught, milliseconds),
    })
  await parts.stop()
  return played.slice(1)
}

function targetsOf(played: Round[], short: boolean): Target[] {
  /** What is compared was measured seconds apart: the median of what each round says. */
  const over = (figure: (round: Round) => number) => median(played.map(figure))
  const besideRaw = over(({ own, raw }) => own.per_second / raw.per_second)
  const besideTutorial = over(({ own, taught }) => own.per_second / taught.per_second)
  const cpu = over(({ own, taught }) => own.cpu_ms / taught.cpu_ms)
  const added =
    over(({ own, raw }) => own.p50_alone_ms - raw.p50_alone_ms) /
    over(({ taught, raw }) => taught.p50_alone_ms - raw.p50_alone_ms)
  // The short form guards against a fall back, on a machine that may be doing other things.
  if (short)
    return [
      { what: 'rate at 16 beside the tutorial stack', reached: besideTutorial, least: 1.2 },
      { what: 'own CPU beside the tutorial stack', reached: cpu, most: 0.6 },
    ]
  return [
    { what: 'rate at 16 beside raw CreateRoom', reached: besideRaw, least: 0.38 },
    { what: 'rate at 16 beside the tutorial stack', reached: besideTutorial, least: 2.2 },
    { what: 'p50 added over raw at 1, beside what the tutorial stack adds', reached: added, most: 0.5 },
    { what: 'own CPU beside the tutorial stack', reached: cpu, most: 0.45 },
  ]
}

export async function create({ short }: { short: boolean }): Promise<Outcome> {
  const [starts, rounds, milliseconds] = short ? [1, 3, 1500] : [5, 3, 2500]
  const played: Round[] = []
  for (let start = 0; start < starts; start++) played.push(...(await playRounds(rounds, milliseconds)))

  const row = (name: string, who: keyof Round) => {
    const of = (what: keyof Turn) => rounded(median(played.map((round) => round[who][what])))
    return {
      name,
      p50_alone_ms: of('p50_alone_ms'),
      per_second: of('per_second'),
      p50_ms: of('p50_ms'),
      p99_ms: of('p99_ms'),
      cpu_ms: of('cpu_ms'),
      postgres_ms: of('postgres_ms'),
      livekit_ms: of('livekit_ms'),
      share_of_raw: rounded(median(played.map((round) => round[who].per_second / round.raw.per_second))),
    }
  }
  return {
    rows: [row('raw CreateRoom', 'raw'), row('this service', 'own'), row('tutorial stack', 'taught')],
    targets: targetsOf(played, short),
  }
}
