// live: what live calls cost, which is what a platform pays for all day. Upkeep of calls that go on; churn of calls that come
// and go; and both LiveKits beside each other. Calls of the first two are the stand-in's (livekit-standin.ts).
// The short form judges nothing; the books are judged always, at the end of each take.
//   CALLS=10000 REPLICAS=1   only the upkeep of so many calls, with so many replicas
//   BESIDE=/path             churn beside another checkout, with its packages installed: they take turns
import { churn } from './churn.ts'
import { fairness } from './fairness.ts'
import { upkeepTargets } from './live-targets.ts'
import type { Outcome } from './outcome.ts'
import { startParts } from './parts.ts'
import { type Upkeep, upkeep } from './upkeep.ts'

const { CALLS: onlyCalls, REPLICAS: onlyReplicas } = process.env
const numbersOf = (text: string | undefined, usual: number[]) => (text === undefined ? usual : [Number(text)])

export async function live({ short }: { short: boolean }): Promise<Outcome> {
  const parts = await startParts()
  const kept: Upkeep[] = []
  for (const calls of numbersOf(onlyCalls, short ? [1000] : [1000, 10_000, 50_000]))
    for (const replicas of numbersOf(onlyReplicas, [1, 3])) kept.push(await upkeep(parts, { calls, replicas, short }))
  const rows = kept.map(({ row }) => row)
  const targets = short ? [] : upkeepTargets(kept)
  if (onlyCalls === undefined)
    for (const calls of short ? [1000] : [1000, 3000]) {
      const passed = await churn(parts, { live: calls, short })
      rows.push(...passed.rows)
      targets.push(...passed.targets)
    }
  await parts.stop()
  if (onlyCalls !== undefined) return { rows, targets }
  const compared = await fairness({ short })
  return { rows: [...rows, ...compared.rows], targets: [...targets, ...compared.targets] }
}
