// `npm run accept -- NAME [--short]`: runs one scenario against real parts, prints one JSON line, ends with 1 where it is
// missed. `all` runs every one.
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { stopEverything } from '../demo/processes.ts'
import { agentCrash } from './agent-crash.ts'
import { burst } from './burst.ts'
import { crashPoints } from './crash-points.ts'
import { deadline } from './deadline.ts'
import { faults } from './faults.ts'
import { idempotency } from './idempotency.ts'
import { kill } from './kill.ts'
import { model } from './model.ts'
import { noAgent } from './no-agent.ts'
import { nodeDeath } from './node-death.ts'
import { pgCrash } from './pg-crash.ts'
import { webhooks } from './webhooks.ts'
import { zombie } from './zombie.ts'

/** Resolves with the figures that it shows; throws where it is missed. `short` is the form that CI runs. */
export type Scenario = (options: { short: boolean }) => Promise<Record<string, unknown>>

const scenarios: Record<string, Scenario> = {
  burst,
  'no-agent': noAgent,
  'agent-crash': agentCrash,
  kill,
  'crash-points': crashPoints,
  'pg-crash': pgCrash,
  faults,
  idempotency,
  deadline,
  zombie,
  'node-death': nodeDeath,
  model,
  webhooks,
}

async function run(name: string, short: boolean): Promise<boolean> {
  const startedAt = performance.now()
  const elapsed = () => Math.round((performance.now() - startedAt) / 1000)
  try {
    const figures = await (scenarios[name] as Scenario)({ short })
    process.stdout.write(`${JSON.stringify({ name, passed: true, elapsed_s: elapsed(), ...figures })}\n`)
    return true
  } catch (error) {
    process.stdout.write(
      `${JSON.stringify({ name, passed: false, elapsed_s: elapsed(), missed: (error as Error).message })}\n`,
    )
    return false
  }
}

/** One of several: in a process of its own, because whatever is stopped there can never be started again. */
function runApart(name: string, short: boolean): boolean {
  const args = [...process.execArgv, process.argv[1] as string, name, ...(short ? ['--short'] : [])]
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status === 0
}

const { values, positionals } = parseArgs({
  options: { short: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const names = positionals[0] === 'all' ? Object.keys(scenarios) : positionals
const unknown = names.filter((name) => !(name in scenarios))
if (names.length === 0 || unknown.length > 0) {
  process.stderr.write(
    `usage: npm run accept -- NAME [--short], where NAME is all or one of ${Object.keys(scenarios).join(', ')}\n`,
  )
  process.exit(2)
}
let passed = true
if (names.length === 1) passed = await run(names[0] as string, values.short)
else for (const name of names) passed = runApart(name, values.short) && passed
await stopEverything()
process.exit(passed ? 0 : 1)
