// `npm run bench [-- NAME …] [--short]`: measures against real parts, prints a table and one JSON line for each, ends with 1
// where a target is missed. Without a name all are run, and docs/performance.md is written anew.
import { parseArgs } from 'node:util'
import { stopEverything } from '../demo/processes.ts'
import { agent } from './agent.ts'
import { create } from './create.ts'
import { footprint } from './footprint.ts'
import { growth } from './growth.ts'
import { limits } from './limits.ts'
import { neighbour } from './neighbour.ts'
import { isMet, type Outcome } from './outcome.ts'
import { refuse } from './refuse.ts'
import { soak } from './soak.ts'

/** `short` is the form that shows whether it works; its figures mean little. */
const benches: Record<string, (options: { short: boolean }) => Promise<Outcome>> = {
  create,
  refuse,
  growth,
  neighbour,
  footprint,
  soak,
  limits,
  // Last: its calls end LiveKit's threads for good.
  agent,
}

function explain(): never {
  process.stderr.write(
    `usage: npm run bench [-- NAME …] [--short], where NAME is of ${Object.keys(benches).join(', ')}\n`,
  )
  process.exit(2)
}

function parse() {
  try {
    return parseArgs({ options: { short: { type: 'boolean', default: false } }, allowPositionals: true })
  } catch {
    return explain()
  }
}

const { values, positionals } = parse()
const names = positionals.length === 0 ? Object.keys(benches) : positionals
if (names.some((name) => !(name in benches))) explain()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

const outcomes: Record<string, Outcome> = {}
try {
  for (const name of names) {
    const outcome = await (benches[name] as (typeof benches)[string])({ short: values.short })
    outcomes[name] = outcome
    console.table(outcome.rows)
    const targets = outcome.targets.map((target) => ({ ...target, met: isMet(target) }))
    process.stdout.write(`${JSON.stringify({ name, short: values.short, rows: outcome.rows, targets })}\n`)
  }
  if (positionals.length === 0 && !values.short) {
    // Only now: ECharts and LiveKit's client for Node (demo/rtc.ts) want different values of NODE_ENV while they are loaded.
    const { writeReport } = await import('./report.ts')
    writeReport(outcomes)
  }
} catch (error) {
  process.stderr.write(`npm run bench: ${(error as Error).stack}\n`)
  process.exitCode = 1
}
await stopEverything()
const missed = Object.values(outcomes).flatMap(({ targets }) => targets.filter((target) => !isMet(target)))
for (const { what, reached } of missed) process.stderr.write(`missed: ${what}: ${reached}\n`)
process.exit(missed.length > 0 ? 1 : process.exitCode)
