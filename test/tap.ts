// Runs tap, and says how it went on the last line, as CI reads it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, readFileSync } from 'node:fs'
import { join } from 'node:path'

const builtTap = join(import.meta.dirname, '../node_modules/@tapjs/test/test-built/dist/esm/index.js')

/**
 * tap is built with its plugins. A run that finds others than .taprc names builds it anew, but goes on as it was: with two
 * compilers of TypeScript in each process, of which the one that is not wanted takes the longer.
 */
async function buildTap(): Promise<void> {
  if (!readFileSync(builtTap, 'utf8').includes('@tapjs/typescript')) return
  await once(spawn('tap', ['build'], { stdio: ['ignore', 'ignore', 'inherit'] }), 'close')
}

// A failed assertion or test, and what tap tells of it in YAML.
const failures = /^ *not ok .*\n(?: *---\n[\s\S]*?\n *\.\.\.\n)?/gm

/**
 * For people tap draws on the terminal; elsewhere its results are printed as they are.
 * @param directory for the results
 * @returns the exit code, which is no success when nothing was tested
 */
export async function runTap(args: string[], environment: Record<string, string>, directory: string): Promise<number> {
  await buildTap()
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
  const lines = readFileSync(results, 'utf8')
  const totals = lines.match(/^# \{ total: .*\}$/m)?.[0] ?? ''
  const count = (what: string) => Number(new RegExp(`${what}: (\\d+)`).exec(totals)?.[1] ?? 0)
  const [passed, failed, skipped] = [count('pass'), count('fail'), count('skip') + count('todo')]
  // Once more at the end, because in thousands of lines nobody finds them.
  for (const failure of lines.match(failures) ?? []) process.stdout.write(`\n${failure}`)
  process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`)
  return passed > 0 ? (code ?? 1) : 1
}
