// `npm run accept -- NAME… [--short] [--jobs N]`: runs scenarios against real parts, prints one JSON line for each, ends with
// 1 where one is missed. `all` runs every one.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { findLivekitServer } from '../demo/livekit-binary.ts'
import { stopEverything } from '../demo/processes.ts'
import { buildService } from './build.ts'
import { agentCrash } from './scenarios/agent-crash.ts'
import { burst } from './scenarios/burst-of-creates.ts'
import { crashPoints } from './scenarios/crash-points.ts'
import { deadline } from './scenarios/end-of-held-time.ts'
import { zombie } from './scenarios/ended-room-made-again.ts'
import { faults } from './scenarios/every-fault-at-every-step.ts'
import { nodeDeath } from './scenarios/livekit-node-death.ts'
import { model } from './scenarios/model.ts'
import { noAgent } from './scenarios/no-agent.ts'
import { idempotency } from './scenarios/one-key-one-session.ts'
import { pgCrash } from './scenarios/postgres-crash.ts'
import { kill } from './scenarios/replicas-killed.ts'
import { webhooks } from './scenarios/unreliable-webhooks.ts'

/** Resolves with the figures that it shows; throws where it is missed. `short` is the form that CI runs. */
export type Scenario = (options: { short: boolean }) => Promise<Record<string, unknown>>

/** The long ones first, so that two lanes end together. */
const scenarios: Record<string, Scenario> = {
  'node-death': nodeDeath,
  kill,
  webhooks,
  faults,
  'agent-crash': agentCrash,
  'crash-points': crashPoints,
  zombie,
  'pg-crash': pgCrash,
  deadline,
  'no-agent': noAgent,
  model,
  burst,
  idempotency,
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
async function runApart(name: string, short: boolean): Promise<boolean> {
  const args = [...process.execArgv, process.argv[1] as string, name, ...(short ? ['--short'] : [])]
  const [code] = await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'close')
  return code === 0
}

async function runSeveral(names: string[], short: boolean, jobs: number): Promise<boolean> {
  // Once, and not by each at the same time.
  await findLivekitServer((line) => process.stderr.write(`${line}\n`))
  buildService()
  const waiting = names.values()
  let passed = true
  const lane = async () => {
    for (const name of waiting) passed = (await runApart(name, short)) && passed
  }
  await Promise.all(Array.from({ length: jobs }, lane))
  return passed
}

function explain(): never {
  process.stderr.write(
    `usage: npm run accept -- NAME… [--short] [--jobs N], where NAME is all or of ${Object.keys(scenarios).join(', ')}\n`,
  )
  process.exit(2)
}

function parse() {
  const options = { short: { type: 'boolean', default: false }, jobs: { type: 'string', default: '1' } } as const
  try {
    return parseArgs({ options, allowPositionals: true })
  } catch {
    return explain()
  }
}

const { values, positionals } = parse()
const names = positionals[0] === 'all' ? Object.keys(scenarios) : positionals
const unknown = names.filter((name) => !(name in scenarios))
const jobs = Number(values.jobs)
if (names.length === 0 || unknown.length > 0 || !(jobs >= 1)) explain()
const passed =
  names.length === 1 ? await run(names[0] as string, values.short) : await runSeveral(names, values.short, jobs)
await stopEverything()
process.exit(passed ? 0 : 1)
