// batched: what is asked at the same time is asked in one statement, and each gets its own answer.
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { batched } from '../src/repositories/batched.ts'
import { createDatabase } from '../src/repositories/database.ts'
import { cloneDatabase, until } from './parts.ts'

/** The square root among the integers up to 200, with how many were found; at 0 the statement takes a second. */
const findRoot = batched<{ square: number }, { root: number; found: number }>(
  'findRoot',
  { square: 'int' },
  (input) => sql`
    SELECT n, root, count(*) OVER ()::int AS found
    FROM ${input} JOIN generate_series(0, 200) AS root ON root * root = square,
      LATERAL (SELECT pg_sleep(CASE square WHEN 0 THEN 1 ELSE 0 END)) AS slow
    ORDER BY root`,
)

async function connect(t: Test) {
  const db = createDatabase(await cloneDatabase())
  t.teardown(() => db.destroy())
  return db
}

t.test('each gets its own answer, in whatever order the rows come, and undefined where there is none', async (t) => {
  const db = await connect(t)
  const answers = await Promise.all([9, 7, 4, 9].map((square) => findRoot(db, { square })))
  t.strictSame(answers, [{ root: 3, found: 3 }, undefined, { root: 2, found: 3 }, { root: 3, found: 3 }])
  t.strictSame(await findRoot(db, { square: 16 }), { root: 4, found: 1 })
})

t.test('whoever asks meanwhile is asked together, and does not wait for a slow answer', async (t) => {
  const db = await connect(t)
  const slow = findRoot(db, { square: 0 })
  const isUnderWay = async () => {
    const { rows } = await sql`
      SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`.execute(db)
    return rows.length > 0
  }
  await until(isUnderWay)
  const others = await Promise.all([1, 4].map((square) => findRoot(db, { square })))
  t.strictSame(others, [
    { root: 1, found: 2 },
    { root: 2, found: 2 },
  ])
  t.ok(await isUnderWay(), 'the first is still under way')
  t.strictSame(await slow, { root: 0, found: 1 })
})

t.test('a hundred are asked for at once, and the others beside them', async (t) => {
  const db = await connect(t)
  const roots = Array.from({ length: 150 }, (_, index) => index + 1)
  const answers = await Promise.all(roots.map((root) => findRoot(db, { square: root ** 2 })))
  t.strictSame(
    answers,
    roots.map((root) => ({ root, found: root <= 100 ? 100 : 50 })),
  )
})

t.test('a statement that fails fails for all who asked, and for nobody after them', async (t) => {
  const db = await connect(t)
  const tooLarge = 2 ** 31
  const asked = await Promise.allSettled([4, tooLarge, 9].map((square) => findRoot(db, { square })))
  for (const { status } of asked) t.equal(status, 'rejected')
  t.strictSame(await findRoot(db, { square: 4 }), { root: 2, found: 1 })
})

t.test('each database is asked by itself', async (t) => {
  const [one, other] = [await connect(t), await connect(t)]
  const answers = await Promise.all([findRoot(one, { square: 1 }), findRoot(other, { square: 4 })])
  t.strictSame(answers, [
    { root: 1, found: 1 },
    { root: 2, found: 1 },
  ])
})
