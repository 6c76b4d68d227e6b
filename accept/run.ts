// `npm run accept -- NAME… [--short] [--jobs N]`: runs scenarios against real parts, prints one JSON line for each, ends with
// 1 where one fails. `all` runs every one. `model --seed N --path P` repeats one run of the model.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { findLivekitServer } from '../demo/livekit-binary.ts'
import { stopEverything } from '../demo/processes.ts'
import { forgetShell } from '../demo/shell.ts'
import { buildService } from './build.ts'
import { forEachLimited } from './for-each-limited.ts'
import type { Scenario, ScenarioOptions } from './scenario.ts'
import { scenarios } from './scenarios/all.ts'

async function run(name: string, options: ScenarioOptions): Promise<boolean> {
  const startedAt = performance.now()
  const elapsed = () => Math.round((performance.now() - startedAt) / 1000)
  const print = (result: object) => process.stdout.write(`${JSON.stringify({ name, ...result })}\n`)
  try {
    const figures = await (scenarios[name] as Scenario)(options)
    print({ passed: true, elapsed_s: elapsed(), ...figures })
    return true
  } catch (error) {
    print({ passed: false, elapsed_s: elapsed(), missed: (error as Error).message })
    return false
  }
}

/** One of several, in a process of its own: after `stopEverything` a process can start nothing any more. */
async function runApart(name: string, short: boolean): Promise<boolean> {
  const args = [...process.execArgv, process.argv[1] as string, name, ...(short ? ['--short'] : [])]
  const [code] = await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'close')
  return code === 0
}

async function runSeveral(names: string[], short: boolean, jobs: number): Promise<boolean> {
  // Once, and not by each at the same time.
  await findLivekitServer((line) => process.stderr.write(`${line}\n`))
  buildService()
  let passed = true
  await forEachLimited(names, jobs, async (name) => {
    passed = (await runApart(name, short)) && passed
  })
  return passed
}

function explain(): never {
  process.stderr.write(
    `usage: npm run accept -- NAME… [--short] [--jobs N], where NAME is all or of ${Object.keys(scenarios).join(', ')}
       npm run accept -- model --seed N --path P, as the message of a failed run says
`,
  )
  process.exit(2)
}

function parse() {
  const string = { type: 'string' } as const
  const options = { short: { type: 'boolean', default: false }, jobs: string, seed: string, path: string } as const
  try {
    return parseArgs({ options, allowPositionals: true })
  } catch {
    return explain()
  }
}

/** A seed is a whole number of 32 bits; a path is numbers between colons. */
function replayOf({ seed, path }: { seed?: string; path?: string }): ScenarioOptions['replay'] {
  if (seed === undefined && path === undefined) return undefined
  const isSeed = /^-?\d{1,10}$/.test(seed ?? '') && Number(seed) === (Number(seed) | 0)
  if (!isSeed || !/^\d{1,9}(:\d{1,9})*$/.test(path ?? '')) explain()
  return { seed: Number(seed), path: path as string }
}

forgetShell({})
const { values, positionals } = parse()
const names = positionals[0] === 'all' ? Object.keys(scenarios) : positionals
const jobs = values.jobs ?? '1'
const replay = replayOf(values)
if (names.length === 0 || names.some((name) => !Object.hasOwn(scenarios, name))) explain()
if (!/^[1-9]\d?$/.test(jobs) || (replay && names.join() !== 'model')) explain()
const passed =
  names.length === 1
    ? await run(names[0] as string, { short: values.short, ...(replay && { replay }) })
    : await runSeveral(names, values.short, Number(jobs))
await stopEverything()
process.exit(passed ? 0 : 1)
