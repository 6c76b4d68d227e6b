// `npm run bench [-- NAME …] [--short]`: measures against real parts, prints a table and one JSON line for each, ends with 1
// where a target is missed. Without a name all are run, and docs/performance.md is written anew.
import { parseArgs } from 'node:util'
import { stopEverything } from '../demo/processes.ts'
import { agent } from './agent.ts'
import { create } from './create.ts'
import { events } from './events.ts'
import { footprint } from './footprint.ts'
import { growth } from './growth.ts'
import { limits } from './limits.ts'
import { live } from './live.ts'
import { neighbour } from './neighbour.ts'
import { isMet, type Outcome, roundedRow } from './outcome.ts'
import { refuse } from './refuse.ts'
import { writeReport } from './report.ts'
import { soak } from './soak.ts'
import { usage } from './usage.ts'

// The agent is last: its calls end LiveKit's threads for good.
const benches = new Map(
  Object.entries({ create, refuse, growth, neighbour, usage, events, footprint, soak, limits, live, agent }),
)

/** The short form shows whether it works; its figures mean little. */
const options = { short: { type: 'boolean', default: false } } as const
const { values, positionals } = parseArgs({ options, allowPositionals: true, strict: false })
const { short: isShort, ...unknown } = values
const short = isShort === true
const names = positionals.length > 0 ? positionals : [...benches.keys()]
if (Object.keys(unknown).length > 0 || names.some((name) => !benches.has(name))) {
  const known = [...benches.keys()].join(', ')
  process.stderr.write(`usage: npm run bench [-- NAME …] [--short], where NAME is of ${known}\n`)
  process.exit(2)
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

const outcomes: Record<string, Outcome> = {}
try {
  for (const name of names) {
    const bench = benches.get(name) as typeof create
    const { rows, targets } = await bench({ short })
    const outcome = { rows: rows.map(roundedRow), targets }
    outcomes[name] = outcome
    console.table(outcome.rows)
    const judged = targets.map((target) => ({ ...target, met: isMet(target) }))
    process.stdout.write(`${JSON.stringify({ name, short, rows: outcome.rows, targets: judged })}\n`)
  }
  if (positionals.length === 0 && !short) writeReport(outcomes)
} catch (error) {
  process.stderr.write(`npm run bench: ${(error as Error).stack}\n`)
  process.exitCode = 1
}
await stopEverything()
const missed = Object.values(outcomes).flatMap(({ targets }) => targets.filter((target) => !isMet(target)))
for (const { what, reached } of missed) process.stderr.write(`missed: ${what}: ${reached}\n`)
process.exit(missed.length > 0 ? 1 : process.exitCode)
