// Calls the built Next.js example as its page does, and prints what it answers: one line for each request. Four of it run:
// with a key, with a wrong one, with that of an organization without credits, and in front of a service that cannot be reached.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freeTcpPort } from '../demo/ports.ts'
import { startProcess, stopEverything, tailOf } from '../demo/processes.ts'
import { becomesReady } from '../demo/readiness.ts'

const EXAMPLE = join(import.meta.dirname, '..', 'examples', 'nextjs')
const logs = mkdtempSync(join(tmpdir(), 'voice-sessions-nextjs-'))
const answers: string[] = []

function variable(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set`)
  return value
}

/** Starts the example for this key and answers with where it is. */
async function start(name: string, apiUrl: string, apiKey: string): Promise<string> {
  const port = await freeTcpPort()
  const logFile = join(logs, `${name}.log`)
  const next = await startProcess({
    name,
    command: process.execPath,
    args: ['node_modules/next/dist/bin/next', 'start', '--hostname', '127.0.0.1', '--port', String(port)],
    cwd: EXAMPLE,
    env: { ...process.env, TALKIFAI_API_URL: apiUrl, TALKIFAI_API_KEY: apiKey },
    logFile,
  })
  const url = `http://127.0.0.1:${port}/api/voice/start`
  // It answers as soon as it is up, and knows no other method than POST.
  const isUp = async () => (await fetch(url, { signal: AbortSignal.timeout(2000) })).status === 405
  if (await becomesReady(next, isUp)) return url
  throw new Error(`the example does not start. ${tailOf(logFile)}`)
}

async function post(url: string, body: string, headers: Record<string, string> = {}): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body,
  })
  const text = await response.text()
  const { room_name, detail, error } = JSON.parse(text)
  answers.push(text, JSON.stringify([...response.headers]))
  process.stdout.write(`${response.status} ${room_name ?? response.headers.get('X-Error-Code') ?? detail ?? error}\n`)
}

const call = (url: string, agentId: string, headers = {}) => post(url, JSON.stringify({ agent_id: agentId }), headers)

/** What the browser could load, and what it was answered. */
function keyStaysOnTheServer(): void {
  const folder = join(EXAMPLE, '.next', 'static')
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
  if (files.length === 0) throw new Error(`nothing is in ${folder}`)
  const secrets = [variable('API_KEY'), variable('POOR_API_KEY'), 'TALKIFAI_API_KEY', 'X-API-Key']
  const isOut = [...files, ...answers].some((text) => secrets.some((secret) => text.includes(secret)))
  process.stdout.write(`${isOut ? 'the key gets out' : 'no answer and no file for the browser has the key'}\n`)
}

async function main(): Promise<void> {
  const [apiUrl, agentId] = [variable('API_URL'), variable('AGENT_ID')]
  const nobody = `http://127.0.0.1:${await freeTcpPort()}`
  const [example, wrong, poor, unreachable] = await Promise.all([
    start('example', apiUrl, variable('API_KEY')),
    start('wrong', apiUrl, 'tk_live_unknown'),
    start('poor', apiUrl, variable('POOR_API_KEY')),
    start('unreachable', nobody, variable('API_KEY')),
  ])
  const idempotencyKey = { 'Idempotency-Key': randomUUID() }
  await call(example, agentId, idempotencyKey)
  await call(example, agentId, { ...idempotencyKey, Origin: new URL(example).origin })
  await call(wrong, agentId)
  await call(poor, variable('POOR_AGENT_ID'))
  await call(example, randomUUID())
  await post(example, 'not JSON')
  await call(example, agentId, { 'Sec-Fetch-Site': 'cross-site' })
  await call(example, agentId, { 'Sec-Fetch-Site': 'same-site' })
  await call(example, agentId, { Origin: 'https://elsewhere.example' })
  await call(example, agentId, { Origin: 'null' })
  await call(unreachable, agentId)
  keyStaysOnTheServer()
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))
try {
  await main()
} catch (error) {
  process.stderr.write(`${(error as Error).stack}\n`)
  process.exitCode = 1
}
await stopEverything()
rmSync(logs, { recursive: true, force: true })
process.exit()
