// `npm run clients -- [NAME …]`: generates clients from openapi.yaml, compiles them and calls the running service with them:
// a real PostgreSQL, a real livekit-server. A client whose toolchain is missing is skipped; where CI is set, it fails.
import { insecureHosts } from '../accept/admin.ts'
import { type Stack, startStack } from '../accept/stack.ts'
import { stopEverything } from '../demo/processes.ts'
import { callClient, prepareClient } from './call.ts'
import { type Client, clients } from './clients.ts'
import { RECEIVER_OUTCOMES, runReceiver } from './receive.ts'
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

/** Two at a time: the one downloads while the other compiles. Answers with those that failed, and why. */
async function prepare(ready: Client[]): Promise<Map<Client, Error>> {
  const failures = new Map<Client, Error>()
  const waiting = [...ready]
  const prepareNext = async (): Promise<void> => {
    const client = waiting.shift()
    if (client === undefined) return
    await prepareClient(client, say).catch((error) => failures.set(client, error))
    return prepareNext()
  }
  await Promise.all([prepareNext(), prepareNext()])
  return failures
}

async function main(): Promise<number> {
  const count = { passed: 0, failed: 0, skipped: 0 }
  const outcomesOf = ({ expected, receiver }: Client) => expected('').length + (receiver ? RECEIVER_OUTCOMES : 0)
  const fail = (client: Client, { message }: Error) => {
    count.failed += outcomesOf(client)
    say(`${client.name}: FAILED: ${message}`)
  }
  const ready: Client[] = []
  for (const client of chosen()) {
    if (!(await lacks(client))) ready.push(client)
    else count[isCi ? 'failed' : 'skipped'] += outcomesOf(client)
  }
  const failures = await prepare(ready)
  for (const [client, error] of failures) fail(client, error)

  const callable = ready.filter((client) => !failures.has(client))
  // Started when nothing compiles any more: a service that gets no processor refuses requests.
  const stack = callable.length > 0 ? await startStack({ environment: () => insecureHosts }) : undefined
  for (const client of callable) {
    const both = async () => [
      ...(await callClient(client, stack as Stack)),
      ...(await runReceiver(client, stack as Stack)),
    ]
    const outcomes = await both().catch((error) => fail(client, error))
    for (const { title, problem } of outcomes ?? []) {
      count[problem === undefined ? 'passed' : 'failed'] += 1
      say(`${client.name}: ${problem === undefined ? 'ok' : 'FAILED'}: ${title}${problem ? `: ${problem}` : ''}`)
    }
  }
  await stack?.stop()
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
