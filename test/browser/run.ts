// `npm run test:browser`: starts the demo's stack, runs the tests of this folder against it in a real browser, and says how
// it went on the last line. Arguments are tap's, such as a file.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stopEverything } from '../../demo/processes.ts'
import { readSettings } from '../../demo/settings.ts'
import { startStack } from '../../demo/stack.ts'
import { buildPage } from '../../demo/web.ts'
import { runTap } from '../tap.ts'
import { findChromium } from './chromium.ts'
import type { Connection } from './connection.ts'

const FILE_TIMEOUT_SECONDS = 900
/** More than the service's default: a busy machine may take long to start an agent. */
const AGENT_JOIN_SECONDS = 40

let isOver = false
const directory = mkdtempSync(join(tmpdir(), 'voice-sessions-browser-'))
// PostgreSQL may run under another account, which must reach its data in this directory.
chmodSync(directory, 0o711)

/** Makes the stack start its own parts on free ports, whatever the shell's environment says. */
function setEnvironment(): void {
  for (const name of [
    'DATABASE_URL',
    'LIVEKIT_URL',
    'LIVEKIT_API_URL',
    'LIVEKIT_API_KEY',
    'LIVEKIT_API_SECRET',
    'HOST',
  ]) {
    delete process.env[name]
  }
  Object.assign(process.env, {
    PORT: '0',
    WEB_PORT: '0',
    METRICS_PORT: '0',
    RATE_LIMIT_PER_MINUTE: '1000000',
    AGENT_JOIN_SECONDS: String(AGENT_JOIN_SECONDS),
  })
}

async function start(chromium: string): Promise<Connection> {
  const say = (line: string) => process.stderr.write(`${line}\n`)
  const settings = await readSettings(say)
  const onDeath = (error: Error) => isOver || say(error.message)
  const [stack] = await Promise.all([
    startStack({ directory, settings, say, onDeath }),
    buildPage('react', join(directory, 'react.log')),
  ])
  await stack.db.destroy()
  const { url, webUrl } = settings
  const { seed, databaseUrl, livekit } = stack
  return { chromium, url, webUrl, databaseUrl, livekit, seed, agentJoinSeconds: AGENT_JOIN_SECONDS }
}

async function run(connection: Connection): Promise<number> {
  const files = process.argv.slice(2)
  // One file at a time: on a busy machine the sound breaks off.
  const options = ['--jobs=1', `--timeout=${FILE_TIMEOUT_SECONDS}`, '--disable-coverage', '--allow-empty-coverage']
  const args = [...options, ...(files.length > 0 ? files : ['test/browser/*.test.ts'])]
  return runTap(args, { BROWSER_TEST: JSON.stringify(connection) }, directory)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))
try {
  const chromium = findChromium()
  setEnvironment()
  process.exitCode = await run(await start(chromium))
} catch (error) {
  process.stderr.write(`npm run test:browser: ${(error as Error).message}\n`)
  process.exitCode = 1
}
isOver = true
await stopEverything()
rmSync(directory, { recursive: true, force: true })
process.exit()
