// create: sessions per second, latency and CPU beside LiveKit's own limit and the tutorial stack, round by round. All parts
// are started anew several times within one run: one start of a process is not like the next.
import { rawCreateRoom, service, tutorial } from './contestants.ts'
import { median, medians, playRounds } from './figures.ts'
import { type Contestant, load } from './load.ts'
import type { Outcome } from './outcome.ts'
import { type Parts, startParts } from './parts.ts'
import { cpuOf, cpuOfFamily } from './processes.ts'

/** One turn of a contestant. The CPU time is for each request: its own, PostgreSQL's and LiveKit's. */
async function take(parts: Parts, contestant: Contestant, milliseconds: number) {
  await load(contestant, 1, 300)
  const alone = await load(contestant, 1, milliseconds)
  await load(contestant, 16, 300)
  const cpu = () => [cpuOf(contestant.pid), cpuOfFamily(parts.postgres.pid), cpuOf(parts.livekit.pid)] as const
  const before = cpu()
  const { rate, p50, p99, requests } = await load(contestant, 16, milliseconds)
  const after = cpu()
  await parts.clean()
  return {
    p50_alone_ms: alone.p50,
    per_second: rate,
    p50_ms: p50,
    p99_ms: p99,
    cpu_ms: (after[0] - before[0]) / requests,
    postgres_ms: (after[1] - before[1]) / requests,
    livekit_ms: (after[2] - before[2]) / requests,
  }
}

/** So many rounds with everything started anew. */
async function startAndPlay(count: number, milliseconds: number) {
  const parts = await startParts()
  const raw = await rawCreateRoom(parts)
  const own = service(await parts.startService(), parts.customers)
  const taught = await tutorial(parts)
  const rounds = await playRounds(count, async () => ({
    raw: await take(parts, raw, milliseconds),
    own: await take(parts, own, milliseconds),
    taught: await take(parts, taught, milliseconds),
  }))
  await parts.stop()
  return rounds
}

export async function create({ short }: { short: boolean }): Promise<Outcome> {
  const [starts, milliseconds] = short ? [1, 1500] : [5, 2500]
  const rounds: Awaited<ReturnType<typeof startAndPlay>> = []
  for (let start = 0; start < starts; start++) rounds.push(...(await startAndPlay(3, milliseconds)))

  /** What is compared was measured seconds apart: the median of what each round says. */
  const over = (figure: (round: (typeof rounds)[0]) => number) => median(rounds.map(figure))
  const row = (name: string, who: 'raw' | 'own' | 'taught') => ({
    name,
    ...medians(rounds.map((round) => round[who])),
    share_of_raw: over((round) => round[who].per_second / round.raw.per_second),
  })
  const rows = [row('raw CreateRoom', 'raw'), row('this service', 'own'), row('tutorial stack', 'taught')]
  const besideRaw = over(({ own, raw }) => own.per_second / raw.per_second)
  const besideTutorial = over(({ own, taught }) => own.per_second / taught.per_second)
  const cpu = over(({ own, taught }) => own.cpu_ms / taught.cpu_ms)
  const added =
    over(({ own, raw }) => own.p50_alone_ms - raw.p50_alone_ms) /
    over(({ taught, raw }) => taught.p50_alone_ms - raw.p50_alone_ms)
  // The short form guards against a fall back, on a machine that may be doing other things.
  const targets = short
    ? [
        { what: 'rate at 16 beside the tutorial stack', reached: besideTutorial, least: 1.2 },
        { what: 'own CPU beside the tutorial stack', reached: cpu, most: 0.6 },
      ]
    : [
        { what: 'rate at 16 beside raw CreateRoom', reached: besideRaw, least: 0.38 },
        { what: 'rate at 16 beside the tutorial stack', reached: besideTutorial, least: 2.2 },
        { what: 'p50 added over raw at 1, beside what the tutorial stack adds', reached: added, most: 0.5 },
        { what: 'own CPU beside the tutorial stack', reached: cpu, most: 0.45 },
      ]
  return { rows, targets }
}
