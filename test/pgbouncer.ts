// Debian's PgBouncer with the defaults of its package, but for the ports and who may enter.
import { chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { freeTcpPort } from '../demo/ports.ts'
import { directoryFor, postgresAccount } from '../demo/postgres-account.ts'
import { type RunningProcess, startProcess, tailOf } from '../demo/processes.ts'
import { becomesReady } from '../demo/readiness.ts'

interface RunningPgbouncer extends RunningProcess {
  /** The way to PostgreSQL that leads through it, from the connection string of a database. */
  through(databaseUrl: string): string
}

export interface PgbouncerOptions {
  /** Set over the defaults. */
  settings?: Record<string, string>
  /** Who may enter besides the user of the connection string, with their passwords. */
  users?: Record<string, string>
}

/** Starts it in front of the server of this connection string. */
export async function startPgbouncer(
  directory: string,
  databaseUrl: string,
  { settings = {}, users = {} }: PgbouncerOptions = {},
): Promise<RunningPgbouncer> {
  const account = postgresAccount()
  const home = directoryFor(account, directory)
  const { hostname, port: serverPort, username, password } = new URL(databaseUrl)
  const port = await freeTcpPort()
  const write = (name: string, lines: string[]) => {
    const file = join(home, name)
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 })
    if (account) chownSync(file, account.uid, account.gid)
    return file
  }
  const passwords = { [username]: decodeURIComponent(password), ...users }
  const auth_file = write(
    'userlist.txt',
    Object.entries(passwords).map(([user, password]) => `"${user}" "${password}"`),
  )
  const all = {
    logfile: join(home, 'pgbouncer.log'),
    pidfile: join(home, 'pgbouncer.pid'),
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'md5',
    auth_file,
    ...settings,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`)
  const databases = ['[databases]', `* = host=${hostname} port=${serverPort}`]
  const file = write('pgbouncer.ini', [...databases, '[pgbouncer]', ...lines])
  const PATH = `${process.env.PATH}:/usr/sbin`
  const logFile = join(home, 'output.log')
  const env = { ...process.env, PATH }
  const running = await startProcess({ name: 'pgbouncer', command: 'pgbouncer', args: [file], env, account, logFile })
  const through = (databaseUrl: string) => {
    const url = new URL(databaseUrl)
    url.port = String(port)
    return url.href
  }
  const answers = async () => {
    const client = new pg.Client({ connectionString: through(databaseUrl), connectionTimeoutMillis: 2000 })
    client.on('error', () => {})
    await client.connect()
    await client.end()
    return true
  }
  if (!(await becomesReady(running, answers, 30_000))) throw new Error(`PgBouncer does not start. ${tailOf(logFile)}`)
  return { ...running, through }
}
