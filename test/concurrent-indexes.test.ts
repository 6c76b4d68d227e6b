// The indexes of large tables: every `migrate` sees to it that they are there and whole, and nobody waits while they are built.
import pg from 'pg'
import t, { type Test } from 'tap'
import { migrationNames } from './files.ts'
import { createDatabaseFrom, query, runAdmin, spawnAdmin } from './processes.ts'
import { until } from './until.ts'

const names = ['voice_sessions_agent_idx', 'voice_sessions_usage_idx', 'voice_sessions_user_identifier_idx']
const valid = (url: string) =>
  query(
    `SELECT relname AS name FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
     WHERE indisvalid AND relname = ANY ($1) ORDER BY 1`,
    [names],
    url,
  ).then((rows) => rows.map(({ name }) => name))

async function migrates(t: Test, url: string, applied: string[] = []) {
  t.match(await runAdmin(url, 'migrate'), { code: 0, stdout: `${JSON.stringify({ applied })}\n`, stderr: '' })
  t.strictSame(await valid(url), names)
}

t.test('they are built, and one that is missing or was left half-built is built again', async (t) => {
  const url = await createDatabaseFrom(t, 'template0')
  await migrates(t, url, migrationNames)
  await query(`DROP INDEX ${names[0]}`, [], url)
  // What PostgreSQL leaves of a build that was broken off.
  await query('UPDATE pg_index SET indisvalid = false WHERE indexrelid = $1::regclass', [names[1]], url)
  t.strictSame(await valid(url), names.slice(2))
  await migrates(t, url)
  await migrates(t, url)
})

t.test('a limit of the role’s does not break a build off, and a migrate waits for another’s', async (t) => {
  const url = await createDatabaseFrom(t, 'template')
  const name = new URL(url).pathname.slice(1)
  await query(`DROP INDEX ${names}`, [], url)
  await query(`ALTER DATABASE ${name} SET statement_timeout = 500`, [], url)
  const reader = new pg.Client({ connectionString: url })
  await reader.connect()
  t.teardown(() => reader.end())
  // A build waits for whoever may still see the table as it was.
  await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
  await reader.query('UPDATE voice_sessions SET wake_at = now()')
  const runs = [1, 2].map(() => spawnAdmin(t, url, 'migrate'))
  const building = "SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND query LIKE 'CREATE INDEX CONCURRENTLY%'"
  await until(async () => (await query(building, [name])).length > 0, 120_000)
  // Longer than the limit; who writes meanwhile waits for nobody.
  const startedAt = performance.now()
  while (performance.now() - startedAt < 1500) await query('UPDATE voice_sessions SET wake_at = now()', [], url)
  t.strictSame(await valid(url), [])
  await reader.query('COMMIT')
  for (const { code, stderr } of await Promise.all(runs)) t.match({ code, stderr }, { code: 0, stderr: '' })
  t.strictSame(await valid(url), names)
})
