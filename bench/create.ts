// create: sessions per second, latency and CPU beside LiveKit's own limit and the tutorial stack, round by round in one run.
import { rawCreateRoom, service, tutorial } from './contestants.ts'
import { type Contestant, type Load, load, median } from './load.ts'
import { type Outcome, rounded } from './outcome.ts'
import { type Parts, startParts } from './parts.ts'
import { cpuOf } from './processes.ts'

interface Round extends Load {
  /** The contestant's own CPU time for each request, milliseconds. */
  cpu: number
}

async function measure(
  parts: Parts,
  contestant: Contestant,
  concurrency: number,
  milliseconds: number,
): Promise<Round> {
  await load(contestant, { concurrency, milliseconds: 300 })
  const before = cpuOf(contestant.pid)
  const result = await load(contestant, { concurrency, milliseconds })
  const cpu = (cpuOf(contestant.pid) - before) / result.requests
  await parts.clean()
  return { ...result, cpu }
}

export async function create({ short }: { short: boolean }): Promise<Outcome> {
  const parts = await startParts()
  const contestants = [
    await rawCreateRoom(parts),
    service(await parts.startService(), parts.customers),
    await tutorial(parts),
  ].map((contestant) => ({ contestant, alone: [] as Round[], together: [] as Round[] }))
  const [rounds, milliseconds] = short ? [3, 1500] : [7, 3000]
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const { contestant, alone, together } of contestants) {
      const one = await measure(parts, contestant, 1, milliseconds)
      const many = await measure(parts, contestant, 16, milliseconds)
      if (round === 0) continue
      alone.push(one)
      together.push(many)
    }
  }
  await parts.stop()

  const of = (rounds: Round[], what: keyof Round) => median(rounds.map((round) => round[what]))
  const figures = contestants.map(({ contestant, alone, together }) => ({
    name: contestant.name,
    p50_alone_ms: of(alone, 'p50'),
    per_second: of(together, 'rate'),
    p50_ms: of(together, 'p50'),
    p99_ms: of(together, 'p99'),
    cpu_ms: of(together, 'cpu'),
  }))
  const [raw, own, taught] = figures as [(typeof figures)[0], (typeof figures)[0], (typeof figures)[0]]
  const ratio = own.per_second / taught.per_second
  return {
    rows: figures.map(({ name, ...values }) => ({
      name,
      ...Object.fromEntries(Object.entries(values).map(([key, value]) => [key, rounded(value)])),
      share_of_raw: rounded(values.per_second / raw.per_second),
    })),
    // The short form guards against a fall back, on a machine that may be doing other things.
    targets: short
      ? [
          { what: 'rate at 16 beside the tutorial stack', reached: ratio, least: 0.8 },
          { what: 'own CPU beside the tutorial stack', reached: own.cpu_ms / taught.cpu_ms, most: 0.9 },
        ]
      : [
          { what: 'rate at 16 beside raw CreateRoom', reached: own.per_second / raw.per_second, least: 0.38 },
          { what: 'rate at 16 beside the tutorial stack', reached: ratio, least: 2.2 },
          {
            what: 'p50 added over raw at 1, beside what the tutorial stack adds',
            reached: (own.p50_alone_ms - raw.p50_alone_ms) / (taught.p50_alone_ms - raw.p50_alone_ms),
            most: 0.5,
          },
          { what: 'own CPU beside the tutorial stack', reached: own.cpu_ms / taught.cpu_ms, most: 0.45 },
        ],
  }
}
