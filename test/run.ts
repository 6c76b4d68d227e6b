// `npm test`: starts a real PostgreSQL and a real livekit-server, runs tap against them, and says how it went on the last
// line. TEST_DATABASE_URL names a server to use instead of the embedded PostgreSQL; arguments are tap's, such as a file.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { findLivekitServer } from '../demo/livekit-binary.ts'
import { startLivekitServer } from '../demo/livekit-server.ts'
import { startPostgres } from '../demo/postgres.ts'
import { stopEverything } from '../demo/processes.ts'
import { forgetShell } from '../demo/shell.ts'
import { createDatabase } from '../src/repositories/database.ts'
import { migrate } from '../src/repositories/migrate.ts'
import { runTap } from './tap.ts'

const directory = mkdtempSync(join(tmpdir(), 'voice-sessions-test-'))
// Apart, because PostgreSQL, which does not run as root, has to enter it.
const databaseDirectory = mkdtempSync(join(tmpdir(), 'voice-sessions-test-'))
const log = (name: string) => join(directory, `${name}.log`)

async function startDatabase(): Promise<string> {
  if (process.env.TEST_DATABASE_URL) return process.env.TEST_DATABASE_URL
  // Nothing of it is to survive: no test waits for the disk.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' }
  const postgres = await startPostgres({ directory: databaseDirectory, logFile: log('postgres'), settings })
  return postgres.url()
}

/** The database that every test file clones. */
async function createTemplate(serverUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  await client.query('DROP DATABASE IF EXISTS template WITH (FORCE)')
  await client.query('CREATE DATABASE template')
  await client.end()
  const url = new URL(serverUrl)
  url.pathname = 'template'
  const db = createDatabase(url.href)
  await migrate(db)
  await db.destroy()
}

async function main(): Promise<number> {
  forgetShell({ DATABASE_URL: process.env.TEST_DATABASE_URL })
  const program = await findLivekitServer((line) => process.stderr.write(`${line}\n`))
  const [databaseUrl, livekit] = await Promise.all([
    startDatabase(),
    startLivekitServer({ program, directory: join(directory, 'livekit'), logFile: log('livekit') }),
  ])
  await createTemplate(databaseUrl)
  const environment = {
    TEST_DATABASE_URL: databaseUrl,
    TEST_LIVEKIT_URL: livekit.url,
    TEST_LIVEKIT_API_KEY: livekit.apiKey,
    TEST_LIVEKIT_API_SECRET: livekit.apiSecret,
  }
  return runTap(process.argv.slice(2), environment, directory)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))
try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`npm test: ${(error as Error).message}\n`)
  process.exitCode = 1
}
await stopEverything()
for (const path of [directory, databaseDirectory]) rmSync(path, { recursive: true, force: true })
process.exit()
