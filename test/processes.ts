// Processes of the service: the server and the command line, spawned as an operator starts them, on databases of their own.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import pg from 'pg'
import type { Test } from 'tap'
import { runProgram } from '../src/commands/program.ts'
import { Environment } from '../src/config.ts'
import { parts } from './parts.ts'

type Variables = Record<string, string | undefined>

export interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

export interface SpawnedProcess {
  child: ChildProcess
  stdout(): string
  stderr(): string
  finished: Promise<Finished>
}

const ownVariables = new Set(Object.keys(Environment.properties))
const inherited = Object.entries(process.env).filter(([name]) => !ownVariables.has(name))

/**
 * How Node is told to run TypeScript: as it runs this test. With another loader, such as tsx, the lines that are covered here
 * and there would not be the same lines, and coverage would be worth nothing.
 */
export const typescript = process.execArgv.filter((argument) => !argument.includes('@tapjs/mock'))

/**
 * A program with, of the service's variables, only these; as another user, where one is named. What still runs after the test is
 * killed.
 */
export function spawnProcess(
  t: Test,
  program: string,
  args: string[],
  variables: Variables,
  cwd = process.cwd(),
  uid?: number,
): SpawnedProcess {
  const env = { ...Object.fromEntries(inherited), ...variables }
  const user = uid === undefined ? {} : { uid }
  const child = spawn(program, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], ...user })
  t.teardown(() => child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const finished = once(child, 'close').then(([code]) => ({ code, stdout, stderr }))
  return { child, stdout: () => stdout, stderr: () => stderr, finished }
}

/** Node with these arguments. As another user it has none of tap's own options, which would write to files that it may not. */
export function spawnNode(t: Test, args: string[], variables: Variables, cwd?: string, uid?: number): SpawnedProcess {
  if (uid === undefined) return spawnProcess(t, process.execPath, args, variables, cwd)
  return spawnProcess(t, 'env', ['-u', 'NODE_OPTIONS', process.execPath, ...args], variables, cwd, uid)
}

/** `npm run admin -- …` on this database, to its end, as a process of its own. */
export function spawnAdmin(t: Test, databaseUrl: string | undefined, ...args: string[]): Promise<Finished> {
  return spawnNode(t, [...typescript, 'src/admin.ts', ...args], { DATABASE_URL: databaseUrl }).finished
}

/** The hosts of the tests' endpoints: the name servers are not asked for them. */
const named = 'app.example, other.example'

/** The same in this process, which takes a hundredth of the time. */
export const runAdmin = (databaseUrl: string | undefined, ...args: string[]): Promise<Finished> =>
  runAdminWith({ DATABASE_URL: databaseUrl, WEBHOOK_INSECURE_HOSTS: named }, ...args)

/** The same with other variables, too. */
export async function runAdminWith(variables: Variables, ...args: string[]): Promise<Finished> {
  const printed = { stdout: '', stderr: '' }
  const code = await runProgram(args, {
    variable: (name) => variables[name],
    readVariables: (file) => process.loadEnvFile(file),
    print: (text) => {
      printed.stdout += text
    },
    warn: (text) => {
      printed.stderr += text
    },
  })
  return { code, ...printed }
}

export const serverArguments = [...typescript, 'src/server.ts']

/** A server process that listens on a free port; rejects with its stderr where it ends before. */
export async function startServer(
  t: Test,
  variables: Variables,
  args = serverArguments,
  cwd = process.cwd(),
  uid?: number,
) {
  const server = spawnNode(t, args, { LOG_LEVEL: 'info', ...variables, PORT: '0' }, cwd, uid)
  const listening = new Promise<string>((resolve) => {
    server.child.stdout?.on('data', () => {
      const [, url] = /Server listening at (http:[^"]+)/.exec(server.stdout()) ?? []
      if (url) resolve(url)
    })
  })
  const ended = server.finished.then(({ stderr }) => {
    throw new Error(`the server ended: ${stderr}`)
  })
  const url = await Promise.race([listening, ended])
  return { ...server, url, port: Number(new URL(url).port) }
}

/** One statement on a database, by default the server's own. */
export async function query(statement: string, values: unknown[] = [], url = parts.databaseUrl) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(statement, values)).rows
  } finally {
    await client.end()
  }
}

/** The connection string of another database, migrated or empty, dropped after the test. */
export async function createDatabaseFrom(t: Test, template: 'template' | 'template0', options = ''): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await query(`CREATE DATABASE ${name} TEMPLATE ${template} ${options}`)
  t.teardown(() => query(`DROP DATABASE ${name} WITH (FORCE)`))
  const url = new URL(parts.databaseUrl)
  url.pathname = name
  return url.href
}
