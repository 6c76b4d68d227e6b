// Runs the Python worker of docs/guide.md, as it is printed there, and calls it twice: for a caller of whom the create
// says something, and for one of whom it says nothing. Prints what each caller is told.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startProcess, stopEverything, tailOf } from '../demo/processes.ts'
import { becomesReady } from '../demo/readiness.ts'
import { rtc } from '../demo/rtc.ts'

const FOLDER = join(import.meta.dirname, 'python-worker')
const START_TIMEOUT_MS = 120_000
const GREETING_TIMEOUT_MS = 60_000
const logs = mkdtempSync(join(tmpdir(), 'voice-sessions-python-worker-'))
const logFile = join(logs, 'worker.log')
const url = `${process.env.API_URL}/v1/chat/voice-sessions`
const headers = { 'X-API-Key': process.env.API_KEY ?? '', 'Content-Type': 'application/json' }

async function startWorker(): Promise<void> {
  const guide = readFileSync(join(import.meta.dirname, '..', 'docs', 'guide.md'), 'utf8')
  const source = /```python\n(.*?)```/s.exec(guide)?.[1]
  if (source === undefined) throw new Error('the guide has no worker in Python')
  const file = join(FOLDER, 'generated', 'worker.py')
  mkdirSync(join(FOLDER, 'generated'), { recursive: true })
  // As the guide says of a busy machine: where the processor is busy, LiveKit's library takes no call.
  writeFileSync(file, source.replace('AgentServer()', 'AgentServer(load_fnc=lambda: 0.0)'))
  const worker = await startProcess({
    name: 'worker',
    command: join(FOLDER, '.venv', 'bin', 'python'),
    // `start` turns calls away above 70 % CPU, and opens a port.
    args: [file, 'dev', '--no-reload'],
    env: process.env,
    logFile,
    farewell: [['SIGTERM', 1000]],
  })
  const isReady = async () => readFileSync(logFile).includes('registered worker')
  if (!(await becomesReady(worker, isReady, START_TIMEOUT_MS)))
    throw new Error(`the worker does not start:\n${tailOf(logFile)}`)
}

/** Creates a session, joins it, prints the first text that the agent sends, and ends it. */
async function call(context: object): Promise<void> {
  const body = JSON.stringify({ agent_id: process.env.AGENT_ID, ...context })
  const answer = await fetch(url, { method: 'POST', headers, body })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`the service answered ${answer.status}: ${text}`)
  const { room_name, livekit_url, token } = JSON.parse(text)
  const room = new rtc.Room()
  const greeting = new Promise<string>((resolve, reject) => {
    room.registerTextStreamHandler('lk.chat', (reader) => void reader.readAll().then(resolve, reject))
    setTimeout(() => reject(new Error(`nobody greets:\n${tailOf(logFile, 40)}`)), GREETING_TIMEOUT_MS)
  })
  await room.connect(livekit_url, token, { autoSubscribe: true, dynacast: false })
  process.stdout.write(`${await greeting}\n`)
  await room.disconnect()
  await fetch(`${url}/${room_name}`, { method: 'DELETE', headers })
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))
try {
  await startWorker()
  await call({ metadata: { name: 'Ana', order: '427' }, user_identifier: 'customer-427' })
  await call({})
} catch (error) {
  process.stderr.write(`${(error as Error).stack}\n`)
  process.exitCode = 1
}
await stopEverything()
rmSync(logs, { recursive: true, force: true })
process.exit()
