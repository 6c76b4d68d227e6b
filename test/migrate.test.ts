// `admin migrate` brings an empty database to the newest tables, whoever else does the same.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Migration, Migrator } from 'kysely'
import pg from 'pg'
import t from 'tap'
import { buildApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { createDatabase } from '../src/repositories/database.ts'
import * as ledger from '../src/repositories/migrations/0001-ledger.ts'
import * as fewerIndexWrites from '../src/repositories/migrations/0002-fewer-index-writes.ts'
import { migrationNames } from './files.ts'
import { environment } from './helper.ts'
import { createDatabaseFrom, query, runAdmin, spawnAdmin } from './processes.ts'

const tables = async (url: string) => {
  const sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"
  return (await query(sql, [], url)).map(({ table_name }) => table_name)
}
const ours = [
  'agents',
  'api_keys',
  'credit_grants',
  'organizations',
  'participants',
  'voice_sessions',
  'webhook_arrival',
]

t.test('the first run applies every migration, the second none, and the service then starts', async (t) => {
  const url = await createDatabaseFrom(t, 'template0')
  const first = await runAdmin(url, 'migrate')
  t.match(first, {
    code: 0,
    stdout: `${JSON.stringify({ applied: migrationNames })}\n`,
    stderr: '',
  })
  const after = await tables(url)
  t.ok(
    ours.every((table) => after.includes(table)),
    'all tables are there',
  )

  await query("INSERT INTO organizations (name) VALUES ('kept')", [], url)
  const second = await runAdmin(url, 'migrate')
  t.match(second, { code: 0, stdout: '{"applied":[]}\n', stderr: '' })
  t.strictSame(await tables(url), after)
  t.strictSame(await query('SELECT name FROM organizations', [], url), [{ name: 'kept' }])

  const app = await buildApp(loadConfig(await environment({ DATABASE_URL: url })))
  await app.close()
})

for (const encoding of ['LATIN1', 'SQL_ASCII'])
  t.test(`a database of the encoding ${encoding} is neither migrated nor run on, and it is said why`, async (t) => {
    const url = await createDatabaseFrom(t, 'template0', `ENCODING '${encoding}' LOCALE 'C'`)
    const why = `the database has the encoding ${encoding}: create one with ENCODING 'UTF8' TEMPLATE template0`
    const { code, stdout, stderr } = await runAdmin(url, 'migrate')
    t.strictSame({ code, stdout, stderr }, { code: 1, stdout: '', stderr: `error: the database failed: ${why}\n` })
    t.strictSame(await tables(url), [])
    await t.rejects(buildApp(loadConfig(await environment({ DATABASE_URL: url }))), { message: why })
  })

t.test('of two processes that migrate at once both succeed, and each migration is applied once', async (t) => {
  const url = await createDatabaseFrom(t, 'template0')
  const runs = await Promise.all([1, 2].map(() => spawnAdmin(t, url, 'migrate')))
  for (const { code, stderr } of runs) t.match({ code, stderr }, { code: 0, stderr: '' })
  const applied = runs.flatMap(({ stdout }) => JSON.parse(stdout).applied)
  t.strictSame(applied.sort(), migrationNames)
})

t.test('exit 1: a migration that fails leaves the database as it was', async (t) => {
  const url = await createDatabaseFrom(t, 'template0')
  await query('CREATE TABLE agents (id int)', [], url)
  const { code, stderr } = await runAdmin(url, 'migrate')
  t.equal(code, 1)
  t.match(stderr, /^error: the database failed: 42P07 relation "agents" already exists\n$/)
  const left = (await tables(url)).filter((table) => ours.includes(table))
  t.strictSame(left, ['agents'])
})

t.test(
  'a long read of a table keeps neither the migration from coming, nor others from the table meanwhile',
  async (t) => {
    const url = await createDatabaseFrom(t, 'template0')
    const db = createDatabase(url)
    const migrations: Record<string, Migration> = {
      '0001-ledger': ledger,
      '0002-fewer-index-writes': fewerIndexWrites,
    }
    await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest()
    await db.destroy()
    const backup = new pg.Client({ connectionString: url })
    await backup.connect()
    await backup.query('BEGIN; LOCK TABLE voice_sessions IN ACCESS SHARE MODE')

    let isMigrated = false
    const run = runAdmin(url, 'migrate').then((result) => {
      isMigrated = true
      return result
    })
    const service = new pg.Client({ connectionString: url })
    await service.connect()
    await service.query("SET lock_timeout = '1500ms'")
    const startedAt = performance.now()
    while (performance.now() - startedAt < 4000) {
      await service.query('UPDATE voice_sessions SET wake_at = now()')
      await sleep(20)
    }
    t.notOk(isMigrated, 'the migration waits')
    await backup.query('COMMIT')
    await Promise.all([backup.end(), service.end()])
    t.match(await run, { code: 0, stdout: `${JSON.stringify({ applied: migrationNames.slice(2) })}\n` })
  },
)
