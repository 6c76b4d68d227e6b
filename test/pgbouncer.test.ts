// Behind Debian's PgBouncer, with its defaults and in transaction mode: the start says what has to be set, and with that a whole
// call goes through, as do migrations.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { buildApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { migrationNames } from './files.ts'
import { build, cloneDatabase, environment, parts } from './helper.ts'
import { type PgbouncerOptions, startPgbouncer } from './pgbouncer.ts'
import { createDatabaseFrom, query, runAdmin } from './processes.ts'

t.setTimeout(600_000)

const withoutTimeouts = 'statement_timeout=&lock_timeout=&idle_in_transaction_session_timeout='
const transactions = { settings: { pool_mode: 'transaction' } }

async function pgbouncer(t: Test, options: PgbouncerOptions) {
  const directory = mkdtempSync(join(tmpdir(), 'voice-sessions-pgbouncer-'))
  const running = await startPgbouncer(directory, parts.databaseUrl, options)
  t.teardown(async () => {
    await running.stop()
    rmSync(directory, { recursive: true, force: true })
  })
  return running
}

/** A call from its creation to its settlement. */
async function makesCall(t: Test, changes: Record<string, string>) {
  const service = await build(t, changes)
  const created = await Promise.all([1, 2, 3].map(() => service.create()))
  t.strictSame(
    created.map(({ status }) => status),
    [200, 200, 200],
  )
  t.equal((await service.get('/v1/chat/voice-sessions')).json.sessions.length, 3)
  for (const { json } of created) {
    const path = `/v1/chat/voice-sessions/${json.room_name}`
    t.match((await service.get(path)).json, { status: 'active' })
    const ended = await service.request(path, { method: 'DELETE', headers: service.authorized })
    t.match(ended, { status: 200, json: { status: 'ended', credits_charged: 0 } })
  }
  t.equal(await service.credits(), service.organization.openingCredits)
}

async function refusal(changes: Record<string, string>): Promise<string> {
  try {
    await (await buildApp(loadConfig(await environment(changes)))).close()
    return 'it starts'
  } catch (error) {
    return (error as Error).message
  }
}

t.test('transaction mode: the start says what to set, one after the other; then calls are made', async (t) => {
  const { through } = await pgbouncer(t, transactions)
  const url = through(await cloneDatabase())
  t.match(
    await refusal({ DATABASE_URL: url }),
    `unsupported startup parameter: statement_timeout; a pooler in front of it does not pass this on: add ${withoutTimeouts} to DATABASE_URL`,
  )
  const DATABASE_URL = `${url}?${withoutTimeouts}`
  t.match(
    await refusal({ DATABASE_URL }),
    /a pooler in front of it loses prepared statements: set PREPARED_STATEMENTS=false/,
  )
  await makesCall(t, { DATABASE_URL, PREPARED_STATEMENTS: 'false' })
})

t.test('transaction mode: an empty database is migrated, by two at once, and no lock is left behind', async (t) => {
  const { through } = await pgbouncer(t, transactions)
  const direct = await createDatabaseFrom(t, 'template0')
  const runs = await Promise.all([1, 2].map(() => runAdmin(through(direct), 'migrate')))
  t.strictSame(
    runs.map(({ stderr }) => stderr),
    ['', ''],
  )
  t.strictSame(runs.flatMap(({ stdout }) => JSON.parse(stdout).applied).sort(), migrationNames)
  t.strictSame(await query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'", [], direct), [])
})

t.test(
  'session mode, where PgBouncer is told to ignore what it does not know: nothing else has to be set',
  async (t) => {
    const ignore_startup_parameters = 'statement_timeout, lock_timeout, idle_in_transaction_session_timeout'
    const { through } = await pgbouncer(t, { settings: { pool_mode: 'session', ignore_startup_parameters } })
    await makesCall(t, { DATABASE_URL: through(await cloneDatabase()) })
  },
)

t.test('two installations in two schemas of one database, each with a role of its own', async (t) => {
  const suffix = `${process.pid}`
  const users = { [`first_${suffix}`]: 'a', [`second_${suffix}`]: 'b' }
  const { through } = await pgbouncer(t, { ...transactions, users })
  const direct = await createDatabaseFrom(t, 'template0')
  for (const [user, password] of Object.entries(users)) {
    await query(
      `CREATE ROLE ${user} LOGIN PASSWORD '${password}'; CREATE SCHEMA ${user} AUTHORIZATION ${user}`,
      [],
      direct,
    )
    await query(`ALTER ROLE ${user} SET search_path = ${user}`, [], direct)
    t.teardown(() => query(`DROP ROLE IF EXISTS ${user}`))
    t.teardown(() => query(`DROP OWNED BY ${user} CASCADE`, [], direct))
    const own = new URL(through(direct))
    own.username = user
    own.password = password
    t.match(await runAdmin(own.href, 'migrate'), { stdout: `${JSON.stringify({ applied: migrationNames })}\n` })
    await runAdmin(own.href, 'org', 'create', '--name', user, '--credits', '5')
    t.match(JSON.parse((await runAdmin(own.href, 'org', 'list')).stdout), [{ name: user }])
    t.equal(
      await refusal({ DATABASE_URL: `${own.href}?${withoutTimeouts}`, PREPARED_STATEMENTS: 'false' }),
      'it starts',
    )
  }
})
