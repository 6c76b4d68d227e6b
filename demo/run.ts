// npm run demo: one command from a clone to a spoken call. Starts the parts, makes the call, says how to make another, and
// ends everything that it started.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { converse, curlLine } from './conversation.ts'
import { askedToEnd } from './ending.ts'
import { endLeftovers } from './leftovers.ts'
import { announceEnd, releaseLock, takeLock } from './lock.ts'
import { HELP, type Options, parseOptions, UsageError } from './options.ts'
import { noteProcessesIn, stopEverything } from './processes.ts'
import { readSettings, type Settings } from './settings.ts'
import { forgetShell } from './shell.ts'
import { type Stack, startStack } from './stack.ts'

const DIRECTORY = join(import.meta.dirname, '..', '.demo')
const LOCK_FILE = join(DIRECTORY, 'lock')
const PROCESSES_FILE = join(DIRECTORY, 'processes.json')
const CONNECTION_FILE = join(DIRECTORY, 'connection.json')
const LOGS = ['postgres.log', 'livekit.log', 'service.log', 'worker.log', 'web.log']

let isUp = false

async function main(options: Options): Promise<number> {
  let isEnding = false
  const say = (line: string) => {
    if (!isEnding) print(options, `${process.uptime().toFixed(1).padStart(6)} s  ${line}`)
  }
  mkdirSync(DIRECTORY, { recursive: true })
  await takeLock(LOCK_FILE)
  const end = askedToEnd()
  try {
    const outcome = await Promise.race([demonstrate(options, say), end])
    if (typeof outcome === 'number') return outcome
    say(`${outcome.reason}: ending everything`)
    return isUp ? 0 : outcome.exitCode
  } finally {
    isEnding = true
    announceEnd(LOCK_FILE)
    rmSync(CONNECTION_FILE, { force: true })
    await stopEverything()
    releaseLock(LOCK_FILE)
  }
}

async function demonstrate(options: Options, say: (line: string) => void): Promise<number> {
  const forgotten = forgetShell()
  if (forgotten.length > 0) say(`not used, because the shell has them for others: ${forgotten.join(', ')}`)
  const left = await endLeftovers(PROCESSES_FILE)
  if (left.length > 0) say(`ended what an earlier demo left running: ${left.join(', ')}`)
  for (const name of LOGS) rmSync(join(DIRECTORY, name), { force: true })
  rmSync(CONNECTION_FILE, { force: true })
  noteProcessesIn(PROCESSES_FILE)
  // Only now, or the ports that the earlier demo held would count as taken.
  const settings = await readSettings()

  return new Promise((resolve, reject) => {
    const directory = DIRECTORY
    startStack({ directory, settings, say, onDeath: reject })
      .then(async (stack) => {
        const { conversation, problem } = await converse(settings.url, stack.db, stack.seed, say)
        await stack.db.destroy()
        if (options.json) process.stdout.write(`${JSON.stringify(conversation)}\n`)
        if (problem !== undefined) throw new Error(`the call failed: ${problem}`)
        if (options.once) return resolve(0)
        writeConnection(settings, stack)
        isUp = true
        print(options, `\nTalk to it:    ${settings.webUrl}\nSwagger UI:    ${settings.url}/docs`)
        print(options, `Another call:  ${curlLine(settings.url, stack.seed)}\n`)
        print(options, 'Logs and connection.json are in .demo/. Ctrl-C ends everything.')
      })
      .catch(reject)
  })
}

/** Everything a test or a script needs to use the demo while it is up. */
function writeConnection(settings: Settings, { databaseUrl, seed, livekit, pids }: Stack): void {
  const connection = {
    url: settings.url,
    metrics_url: settings.metricsUrl,
    web_url: settings.webUrl,
    token_endpoint: `${settings.webUrl}/api/voice/token`,
    api_key: seed.apiKey,
    agents: seed.agents,
    poor_api_key: seed.poorApiKey,
    poor_agent: seed.poorAgent,
    agent_name: seed.agentName,
    database_url: databaseUrl,
    livekit: { url: livekit.url, api_key: livekit.apiKey, api_secret: livekit.apiSecret },
    pids,
  }
  writeFileSync(CONNECTION_FILE, `${JSON.stringify(connection, undefined, 2)}\n`, { mode: 0o600 })
}

/** With --json stdout belongs to the one line of JSON. */
function print(options: Options, line: string): void {
  const stream = options.json ? process.stderr : process.stdout
  stream.write(`${line}\n`)
}

// Whoever reads may stop reading (npm run demo | head); the demo goes on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

try {
  const options = parseOptions(process.argv.slice(2))
  if (options.help) process.stdout.write(HELP)
  process.exitCode = options.help ? 0 : await main(options)
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : error}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
process.exit()
