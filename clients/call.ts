// One client: generated, compiled and called for a customer of its own; what it prints is compared, line by line, with what
// it must print for the one session that the service then has.
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createCustomer, type Stack } from '../accept/stack.ts'
import { listSessions } from '../src/repositories/voice-sessions.ts'
import type { Client } from './clients.ts'

const COMMAND_TIMEOUT_MS = 600_000
const OUTPUT_BYTES = 64 * 1024 * 1024
const SHOWN_LINES = 40

export interface Outcome {
  title: string
  /** Undefined where it is as it must be. */
  problem?: string
}

export async function callClient(client: Client, stack: Stack, say: (line: string) => void): Promise<Outcome[]> {
  const since = stopwatch()
  const { name, directory, prepare, call, expected } = client
  try {
    // Nothing that an earlier document left behind may still compile.
    for (const made of ['generated', 'target']) rmSync(join(directory, made), { recursive: true, force: true })
    for (const command of prepare) await run(client, command, {})
    say(`${name}: generated and compiled in ${since()} s`)

    const customer = await createCustomer(stack.db)
    const poor = await createCustomer(stack.db, { credits: 0 })
    const output = await run(client, call, {
      HOST: (stack.replicas[0] as Stack['replicas'][number]).url,
      API_KEY: customer.key,
      AGENT_ID: customer.agentId,
      POOR_API_KEY: poor.key,
      POOR_AGENT_ID: poor.agentId,
    })
    const sessions = await listSessions(stack.db, customer.organizationId, { limit: 10 })
    const outcomes = compare(output.trim().split('\n'), expected(sessions[0]?.room_name ?? ''))
    if (sessions.length !== 1) outcomes.push({ title: 'one session', problem: `there are ${sessions.length}` })
    return outcomes
  } catch (error) {
    return expected('').map(([title], index) => ({
      title,
      problem: index === 0 ? (error as Error).message : 'not reached',
    }))
  }
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

function stopwatch(): () => string {
  const startedAt = performance.now()
  return () => ((performance.now() - startedAt) / 1000).toFixed(1)
}
