// Our migrations beside those of others: another program's in the same schema, our own of an earlier version, and a second
// installation in another schema.
import { type Migration, Migrator, sql } from 'kysely'
import t, { type Test } from 'tap'
import { buildApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { createDatabase } from '../src/repositories/database.ts'
import * as ledger from '../src/repositories/migrations/0001-ledger.ts'
import * as fewerIndexWrites from '../src/repositories/migrations/0002-fewer-index-writes.ts'
import * as presence from '../src/repositories/migrations/0003-presence.ts'
import { migrationNames } from './files.ts'
import { environment } from './helper.ts'
import { createDatabaseFrom, query, runAdmin } from './processes.ts'

t.setTimeout(600_000)

/** Migrates as a program does that lets Kysely name its tables, as ours did in earlier versions. */
async function migrateByKysely(url: string, migrations: Record<string, Migration>) {
  const db = createDatabase(url)
  const { error, results } = await new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
  }).migrateToLatest()
  await db.destroy()
  if (error) throw error
  return results?.map(({ migrationName }) => migrationName)
}

const creating = (table: string): Migration => ({
  up: (db) => sql`CREATE TABLE ${sql.table(table)} ()`.execute(db) as never,
})
const theirs = { '0001-theirs': creating('theirs'), 'zz-theirs': creating('more_of_theirs') }

async function migrates(t: Test, url: string, applied: string[]) {
  t.match(await runAdmin(url, 'migrate'), { code: 0, stdout: `${JSON.stringify({ applied })}\n`, stderr: '' })
}

async function starts(url: string) {
  const app = await buildApp(loadConfig(await environment({ DATABASE_URL: url })))
  await app.close()
}

t.test('another program’s migrations were there before ours: both migrate on', async (t) => {
  const url = await createDatabaseFrom(t, 'template0')
  await migrateByKysely(url, { '0001-theirs': theirs['0001-theirs'] })
  await migrates(t, url, migrationNames)
  await starts(url)
  t.strictSame(await migrateByKysely(url, theirs), ['zz-theirs'])
  await migrates(t, url, [])
})

t.test('another program comes after ours', async (t) => {
  const url = await createDatabaseFrom(t, 'template0')
  await migrates(t, url, migrationNames)
  t.strictSame(await migrateByKysely(url, theirs), Object.keys(theirs))
  await migrates(t, url, [])
  await starts(url)
})

t.test('another program has Kysely’s tables, but no migration yet', async (t) => {
  const url = await createDatabaseFrom(t, 'template0')
  await migrateByKysely(url, {})
  await migrates(t, url, migrationNames)
  t.strictSame(await migrateByKysely(url, theirs), Object.keys(theirs))
})

t.test('what an earlier version migrated is migrated on, in place, and another program can come', async (t) => {
  const url = await createDatabaseFrom(t, 'template0')
  const former = { '0001-ledger': ledger, '0002-fewer-index-writes': fewerIndexWrites, '0003-presence': presence }
  await migrateByKysely(url, former)
  await query("INSERT INTO organizations (name) VALUES ('kept')", [], url)
  await migrates(t, url, migrationNames.slice(3))
  t.strictSame(await query('SELECT name FROM organizations', [], url), [{ name: 'kept' }])
  await migrates(t, url, [])
  await starts(url)
  t.strictSame(await migrateByKysely(url, theirs), Object.keys(theirs))
})

t.test('the service starts on what an earlier version migrated in full', async (t) => {
  const url = await createDatabaseFrom(t, 'template')
  await query('ALTER TABLE voice_sessions_migration RENAME TO kysely_migration', [], url)
  await starts(url)
})

t.test('tables of a newer version are left alone, and the line says so', async (t) => {
  const url = await createDatabaseFrom(t, 'template')
  await query("INSERT INTO voice_sessions_migration VALUES ('9999-newer', '2999-01-01T00:00:00Z')", [], url)
  await starts(url)
  const { code, stderr } = await runAdmin(url, 'migrate')
  t.equal(code, 1)
  t.match(stderr, /the tables are newer than this version: they have migrations 9999-newer/)
})

const inSchemas = (url: string, ...schemas: string[]) => {
  const inside = new URL(url)
  inside.searchParams.set('options', `-c search_path=${schemas.join(',')}`)
  return inside.href
}

t.test('two installations in two schemas of one database know nothing of each other', async (t) => {
  const url = await createDatabaseFrom(t, 'template0')
  await query('CREATE SCHEMA first; CREATE SCHEMA "Second"', [], url)
  const urls = [url, inSchemas(url, 'first'), inSchemas(url, '"Second"', 'public')]
  for (const [index, each] of urls.entries()) {
    await migrates(t, each, migrationNames)
    await starts(each)
    await runAdmin(each, 'org', 'create', '--name', `of ${index}`, '--credits', '5')
  }
  for (const [index, each] of urls.entries()) {
    await migrates(t, each, [])
    const { stdout } = await runAdmin(each, 'org', 'list')
    t.match(JSON.parse(stdout), [{ name: `of ${index}`, credits: 5 }])
    t.equal(JSON.parse(stdout).length, 1)
  }
})

t.test('a schema that does not exist is named in the refusal', async (t) => {
  const url = inSchemas(await createDatabaseFrom(t, 'template0'), 'nowhere')
  t.match(await runAdmin(url, 'migrate'), { code: 1, stderr: /no schema of the search_path exists/ })
})
