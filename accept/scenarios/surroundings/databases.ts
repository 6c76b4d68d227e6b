// What surrounds the service on PostgreSQL's side: settings of the database, other programs in it, a pooler in front of it. Each row
// makes its database and says with which variables the service is started.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Migration, Migrator, sql } from 'kysely'
import { createDatabase } from '../../../src/repositories/database.ts'
import { migrate } from '../../../src/repositories/migrate.ts'
import { startPgbouncer } from '../../../test/pgbouncer.ts'
import type { Stack } from '../../stack.ts'

interface Surrounding {
  /** The service's database as it is asked directly, migrated. */
  databaseUrl: string
  /** The service's variables over the others. */
  variables: Record<string, string>
  /** Ends what was started for it. */
  close?(): Promise<void>
}

export type Prepare = (stack: Stack) => Promise<Surrounding>

const withoutTimeouts = 'statement_timeout=&lock_timeout=&idle_in_transaction_session_timeout='

/** Runs statements one after the other, with the rights of the server's owner. */
async function run(url: string, ...statements: string[]): Promise<void> {
  const db = createDatabase(url, { max: 1 })
  for (const statement of statements) await sql.raw(statement).execute(db)
  await db.destroy()
}

/** A new database with these settings; `$` stands for its name. */
async function createEmpty({ postgres }: Stack, ...statements: string[]): Promise<string> {
  const name = `surrounding_${randomUUID().replaceAll('-', '')}`
  const replaced = statements.map((statement) => statement.replaceAll('$', name))
  await run(postgres.url(), `CREATE DATABASE ${name}`, ...replaced)
  return postgres.url(name)
}

/** Migrates as the command line does, through whatever leads there. */
async function migrated(databaseUrl: string, variables: Record<string, string> = {}): Promise<Surrounding> {
  const db = createDatabase(variables.DATABASE_URL ?? databaseUrl)
  await migrate(db)
  await db.destroy()
  return { databaseUrl, variables: { DATABASE_URL: databaseUrl, ...variables } }
}

const withSettings =
  (...settings: string[]): Prepare =>
  async (stack) =>
    migrated(await createEmpty(stack, ...settings.map((setting) => `ALTER DATABASE $ SET ${setting}`)))

async function besideAnotherProgram(stack: Stack): Promise<Surrounding> {
  const url = await createEmpty(stack)
  const db = createDatabase(url)
  const theirs: Migration = { up: (db) => sql`CREATE TABLE theirs ()`.execute(db) as never }
  const provider = { getMigrations: async () => ({ '2020-theirs': theirs }) }
  const { error } = await new Migrator({ db, provider }).migrateToLatest()
  await db.destroy()
  if (error) throw error
  return migrated(url)
}

const inSchema = (url: string, schema: string) => `${url}?options=-c%20search_path%3D${schema}`

/** The service is the second of two installations. */
async function inTwoSchemas(stack: Stack): Promise<Surrounding> {
  const url = await createEmpty(stack)
  await run(url, 'CREATE SCHEMA first', 'CREATE SCHEMA second')
  await migrated(inSchema(url, 'first'))
  return migrated(inSchema(url, 'second'))
}

async function behindPgbouncer(stack: Stack): Promise<Surrounding> {
  const url = await createEmpty(stack)
  const settings = { pool_mode: 'transaction' }
  const directory = mkdtempSync(join(tmpdir(), 'voice-sessions-pgbouncer-'))
  const pgbouncer = await startPgbouncer(directory, url, { settings })
  const DATABASE_URL = `${pgbouncer.through(url)}?${withoutTimeouts}`
  const close = async () => {
    await pgbouncer.stop()
    rmSync(directory, { recursive: true, force: true })
  }
  return { ...(await migrated(url, { DATABASE_URL, PREPARED_STATEMENTS: 'false' })), close }
}

export const databases: Record<string, Prepare> = {
  'German dates': withSettings("DateStyle = 'German'"),
  'other forms of numbers, strings and arrays': withSettings(
    "DateStyle = 'SQL, DMY'",
    "TimeZone = 'Asia/Kathmandu'",
    'extra_float_digits = -15',
    'standard_conforming_strings = off',
    'array_nulls = off',
  ),
  'repeatable read': withSettings("default_transaction_isolation = 'repeatable read'"),
  serializable: withSettings("default_transaction_isolation = 'serializable'"),
  'another program’s migrations': besideAnotherProgram,
  'two schemas of one database': inTwoSchemas,
  'Debian’s PgBouncer in transaction mode': behindPgbouncer,
}
