// The database: a connection that is lost is replaced, whether somebody uses it or not.
import { sql } from 'kysely'
import t from 'tap'
import { createDatabase, ping } from '../src/repositories/database.ts'
import { compiledOnce } from '../src/repositories/statement.ts'
import { cloneDatabase, until } from './parts.ts'

t.test('a connection that is lost while nobody uses it ends no process, and is replaced', async (t) => {
  const url = await cloneDatabase()
  const [db, other] = [createDatabase(url), createDatabase(url)]
  t.teardown(() => Promise.all([db.destroy(), other.destroy()]))
  const backend = async () => {
    const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(db)
    return rows[0]?.pid
  }
  const lost = await backend()
  await sql`SELECT pg_terminate_backend(${lost}::int)`.execute(other)
  const replaced = await until(() => backend().catch(() => undefined))
  t.not(replaced, lost)
  await t.resolves(ping(db))
})

t.test('a connection that PostgreSQL ends, whatever took too long, is asked nothing more', async (t) => {
  const db = createDatabase(await cloneDatabase(), { max: 1 })
  t.teardown(() => db.destroy())
  const backend = async () => (await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(db)).rows[0]?.pid
  const refuse = (code: string) => sql.raw(`DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '${code}'; END $$`).execute(db)
  for (const [code, isEnded] of Object.entries({ '25P03': true, '25P04': true, '57P05': true, '53100': false })) {
    const before = await backend()
    await t.rejects(refuse(code), { code })
    t.equal((await backend()) !== before, isEnded, code)
  }
})

t.test('a statement that is compiled once takes the values of each call, and keeps its own', async (t) => {
  const db = createDatabase(await cloneDatabase())
  t.teardown(() => db.destroy())
  const add = compiledOnce<{ a: number; b: number }, { sum: number }>(
    'add',
    ({ a, b }) => sql<{ sum: number }>`SELECT ${b}::int + ${100}::int + ${a}::int * 10 AS sum`,
  )
  t.strictSame(await add(db, { a: 1, b: 2 }), [{ sum: 112 }])
  t.strictSame(await add(db, { a: 3, b: 4 }), [{ sum: 134 }])
})
