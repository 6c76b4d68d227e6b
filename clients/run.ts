// `npm run clients -- [NAME …]`: generates clients from openapi.yaml, compiles them and calls the running service with them:
// a real PostgreSQL, a real livekit-server. A client whose toolchain is missing is skipped; where CI is set, it fails.
import { stopEverything } from '../demo/processes.ts'
import { callClient, type Outcome } from './call.ts'
import { type Client, clients } from './clients.ts'
import { isThere } from './toolchains.ts'

const say = (line: string) => process.stdout.write(`${line}\n`)
const isCi = !['', '0', 'false', undefined].includes(process.env.CI)

function chosen(): Client[] {
  const names = process.argv.slice(2)
  const unknown = names.filter((name) => !clients.some((client) => client.name === name))
  if (unknown.length > 0) {
    process.stderr.write(`usage: npm run clients -- [${clients.map(({ name }) => name).join(' | ')}] …\n`)
    process.exit(2)
  }
  return names.length === 0 ? clients : clients.filter(({ name }) => names.includes(name))
}

/** Says what is missing. */
async function lacks({ name, needs }: Client): Promise<boolean> {
  const there = await Promise.all(needs.map(isThere))
  const missing = needs.filter((_, index) => !there[index])
  for (const toolchain of missing) say(`${name}: ${isCi ? 'FAILED' : 'skipped'}: missing is ${toolchain.name}`)
  return missing.length > 0
}

async function main(): Promise<number> {
  const count = { passed: 0, failed: 0, skipped: 0 }
  const ready: Client[] = []
  for (const client of chosen()) {
    if (await lacks(client)) count[isCi ? 'failed' : 'skipped'] += client.expected('').length
    else ready.push(client)
  }
  if (ready.length > 0) {
    // Only now, because whatever it imports is not needed to say what is missing.
    const { startStack } = await import('../accept/stack.ts')
    const stack = await startStack()
    for (const client of ready) {
      const outcomes: Outcome[] = await callClient(client, stack, say)
      for (const { title, problem } of outcomes) {
        count[problem === undefined ? 'passed' : 'failed'] += 1
        say(`${client.name}: ${problem === undefined ? 'ok' : 'FAILED'}: ${title}${problem ? `: ${problem}` : ''}`)
      }
    }
    await stack.stop()
  }
  say(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`)
  return count.passed > 0 && count.failed === 0 ? 0 : 1
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))
try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`npm run clients: ${(error as Error).message}\n`)
  process.exitCode = 1
}
await stopEverything()
process.exit()
