// Runs tap, and says how it went on the last line, as CI reads it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * For people tap draws on the terminal; elsewhere its results are printed as they are.
 * @param directory for the results
 * @returns the exit code, which is no success when nothing was tested
 */
export async function runTap(args: string[], environment: Record<string, string>, directory: string): Promise<number> {
  const results = join(directory, 'results.tap')
  const isTerminal = process.stdout.isTTY
  const output = isTerminal ? ['--reporter=base', `--output-file=${results}`] : ['--reporter=tap']
  const tap = spawn('tap', ['run', ...output, ...args], {
    stdio: ['ignore', isTerminal ? 'inherit' : 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  })
  tap.stdout?.pipe(process.stdout)
  tap.stdout?.pipe(createWriteStream(results))
  const [code] = await once(tap, 'close')
  const totals = readFileSync(results, 'utf8').match(/^# \{ total: .*\}$/m)?.[0] ?? ''
  const count = (what: string) => Number(new RegExp(`${what}: (\\d+)`).exec(totals)?.[1] ?? 0)
  const [passed, failed, skipped] = [count('pass'), count('fail'), count('skip') + count('todo')]
  process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`)
  return passed > 0 ? (code ?? 1) : 1
}
