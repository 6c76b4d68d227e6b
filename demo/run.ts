// npm run demo: one command from a clone to a spoken call. Starts the parts, makes the call, says what it cost and how
// to make another, and ends everything that it started.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { callAgain } from './another-call.ts'
import { addressesIn, readConnection, writeConnection } from './connection.ts'
import { type Conversed, converse, curlLine } from './conversation.ts'
import { askedToEnd } from './ending.ts'
import { endLeftovers } from './leftovers.ts'
import { announceEnd, isHeld, releaseLock, takeLock } from './lock.ts'
import { HELP, type Options, parseOptions, UsageError } from './options.ts'
import { noteProcessesIn, stopEverything } from './processes.ts'
import { readSettings } from './settings.ts'
import { explainForgotten, forgetShell } from './shell.ts'
import { startStack } from './stack.ts'

const DIRECTORY = join(import.meta.dirname, '..', '.demo')
const LOCK_FILE = join(DIRECTORY, 'lock')
const PROCESSES_FILE = join(DIRECTORY, 'processes.json')
const CONNECTION_FILE = join(DIRECTORY, 'connection.json')
const LOGS = ['postgres.log', 'livekit.log', 'service.log', 'worker.log', 'web.log']

let isUp = false

async function main(options: Options): Promise<number> {
  if (options.call) {
    const connection = isHeld(LOCK_FILE) ? readConnection(CONNECTION_FILE) : undefined
    return finish(options, await callAgain(connection, (line) => print(options, line)))
  }
  let isEnding = false
  const say = (line: string) => {
    if (!isEnding) print(options, `${process.uptime().toFixed(1).padStart(6)} s  ${line}`)
  }
  mkdirSync(DIRECTORY, { recursive: true })
  await takeLock(LOCK_FILE, () => addressesIn(CONNECTION_FILE))
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
  explainForgotten(forgetShell()).forEach(say)
  // One that was killed left its addresses behind, and a second demo would take them for ours.
  rmSync(CONNECTION_FILE, { force: true })
  const left = await endLeftovers(PROCESSES_FILE)
  if (left.length > 0) say(`ended what an earlier demo left running: ${left.join(', ')}`)
  for (const name of LOGS) rmSync(join(DIRECTORY, name), { force: true })
  noteProcessesIn(PROCESSES_FILE)
  // Only now, or the ports that the earlier demo held would count as taken.
  const settings = await readSettings(say)

  return new Promise((resolve, reject) => {
    const directory = DIRECTORY
    startStack({ directory, settings, say, onDeath: reject })
      .then(async (stack) => {
        const call = await converse(settings.url, stack.db, stack.seed, say)
        await stack.db.destroy()
        const exitCode = finish(options, call)
        if (options.once) return resolve(exitCode)
        writeConnection(CONNECTION_FILE, settings, stack)
        isUp = true
        print(options, `\n${addressesIn(CONNECTION_FILE)}`)
        print(options, `A session:     ${curlLine(settings.url, stack.seed)}`)
        print(options, 'Another call:  npm run demo -- --call')
        print(options, 'Webhooks:      README.md, "Your first webhook"\n')
        print(options, 'Logs and connection.json are in .demo/. Ctrl-C ends everything.')
      })
      .catch(reject)
  })
}

/** Prints the call where it is asked for; throws where it failed. The exit code. */
function finish(options: Options, { conversation, problem }: Conversed): number {
  if (options.json) process.stdout.write(`${JSON.stringify(conversation)}\n`)
  if (problem !== undefined) throw new Error(`the call failed: ${problem}`)
  return 0
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
