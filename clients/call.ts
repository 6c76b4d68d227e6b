// One client: generated, compiled and called for a customer of its own; what it prints is compared, line by line, with what
// it must print for the session that the service then has.
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { createCustomer, type Replica, type Stack } from '../accept/stack.ts'
import { listSessions } from '../src/repositories/voice-sessions.ts'
import type { Client } from './clients.ts'

const COMMAND_TIMEOUT_MS = 600_000
const DAY_MS = 86_400_000
const OUTPUT_BYTES = 64 * 1024 * 1024
const SHOWN_LINES = 40

export interface Outcome {
  title: string
  /** Undefined where it is as it must be. */
  problem?: string
}

/** Generates and compiles it, and says how long that took; rejects with what went wrong. */
export async function prepareClient(client: Client, say: (line: string) => void): Promise<void> {
  const startedAt = performance.now()
  // Nothing that an earlier document left behind may still compile.
  for (const made of ['generated', 'build', 'target'])
    rmSync(join(client.directory, made), { recursive: true, force: true })
  for (const command of client.prepare) await run(client, command, {})
  const seconds = (performance.now() - startedAt) / 1000
  say(`${client.name}: generated and compiled in ${seconds.toFixed(1)} s`)
}

/** Calls the service with it. */
export async function callClient(client: Client, { db, replicas, livekit }: Stack): Promise<Outcome[]> {
  const customer = await createCustomer(db)
  const poor = await createCustomer(db, { credits: 0 })
  await sql`UPDATE organizations SET events_since = now() WHERE id = ${customer.organizationId}`.execute(db)
  const day = (number: number) => new Date(Date.now() + number * DAY_MS).toISOString().slice(0, 10)
  const output = await run(client, client.call, {
    API_URL: (replicas[0] as Replica).url,
    API_KEY: customer.key,
    AGENT_ID: customer.agentId,
    POOR_API_KEY: poor.key,
    POOR_AGENT_ID: poor.agentId,
    USAGE_FROM: day(-1),
    USAGE_TO: day(2),
    LIVEKIT_URL: livekit.url,
    LIVEKIT_API_KEY: livekit.apiKey,
    LIVEKIT_API_SECRET: livekit.apiSecret,
  })
  const sessions = await listSessions(db, customer.organizationId, { limit: 10 })
  const { expected, sessions: wanted = 1 } = client
  const outcomes = compare(output.trim().split('\n'), expected(sessions[0]?.room_name ?? ''))
  if (sessions.length === wanted) return outcomes
  return [...outcomes, { title: 'as many sessions as were made', problem: `there are ${sessions.length}` }]
}

function compare(lines: string[], expected: [string, string][]): Outcome[] {
  const outcomes = expected.map(([title, line], index): Outcome => {
    const printed = lines[index]
    return printed === line ? { title } : { title, problem: `printed "${printed ?? ''}" instead of "${line}"` }
  })
  const rest = lines.slice(expected.length)
  return rest.length === 0 ? outcomes : [...outcomes, { title: 'the end', problem: `printed "${rest.join('\n')}"` }]
}

/** Resolves with what the command prints on its standard output; rejects with the end of all that it printed. */
function run({ directory: cwd, env }: Client, command: string[], variables: Record<string, string>): Promise<string> {
  const [program, ...args] = command as [string, ...string[]]
  const options = {
    cwd,
    env: { ...process.env, ...env, ...variables },
    timeout: COMMAND_TIMEOUT_MS,
    maxBuffer: OUTPUT_BYTES,
  }
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout)
      const shown = `${stdout}\n${stderr}`.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n')
      reject(new Error(`"${command.join(' ')}" failed (${error.code ?? error.signal}):\n${shown}`))
    })
  })
}
