// Statements have names: each is prepared under the name of its function, and shown under it by PostgreSQL.
import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import t from 'tap'
import ts from 'typescript'
import { createDatabase, createStatementNames } from '../src/repositories/database.ts'
import { execute, executeOne } from '../src/repositories/statement.ts'
import { filesUnder } from './files.ts'
import { buildBehindProxies, cloneDatabase, until } from './helper.ts'

const naming = ['execute', 'executeFirst', 'executeOne', 'batched', 'compiledOnce']

/** The names that a file gives, with the function (or constant, or none) that gives them. */
function namesIn(path: string): { name: string; giver: string | undefined }[] {
  const names: { name: string; giver: string | undefined }[] = []
  const visit = (node: ts.Node, giver?: string): void => {
    const named = ts.isFunctionDeclaration(node) || ts.isVariableDeclaration(node) ? node.name?.getText() : undefined
    if (ts.isCallExpression(node) && naming.includes(node.expression.getText())) {
      const name = node.arguments.find(ts.isStringLiteral)
      if (name) names.push({ name: name.text, giver })
    }
    // A constant within a function is not what is called.
    const inner = giver !== undefined && ts.isVariableDeclaration(node) ? giver : (named ?? giver)
    ts.forEachChild(node, (child) => visit(child, inner))
  }
  visit(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ESNext, true))
  return names
}

t.test('each statement of the repositories has the name of the function that makes it', async (t) => {
  const all = filesUnder('src/repositories').flatMap(namesIn)
  t.ok(all.length > 30, `${all.length} statements`)
  /** Constants that a function of the given name stands on. */
  const partOf: Record<string, string> = {
    findAgentById: 'findAgent',
    activateMade: 'activate',
    holdStatement: 'holdMinute',
  }
  for (const { name, giver = '' } of all) t.equal(name, partOf[giver] ?? giver)
})

t.test(
  'a second text of the same function gets a number, and nothing unnamed or beyond the bound is prepared',
  async (t) => {
    const nameOf = createStatementNames(3)
    t.equal(nameOf('/* list */ SELECT 1'), 'list')
    t.equal(nameOf('/* list */ SELECT 2'), 'list_2')
    t.equal(nameOf('/* list */ SELECT 1'), 'list', 'and keeps it')
    t.equal(nameOf('SELECT 3'), undefined)
    t.equal(nameOf('/* find */ SELECT 4'), 'find')
    t.equal(nameOf('/* find */ SELECT 5'), undefined, 'there are three')
    t.equal(nameOf('/* find */ SELECT 4'), 'find', 'which stay')
  },
)

/** The names of the statements that a connection has prepared. */
const prepared = sql<{ name: string }>`SELECT name FROM pg_prepared_statements ORDER BY name`

for (const preparesStatements of [true, false])
  t.test(`statements are ${preparesStatements ? '' : 'not '}prepared`, async (t) => {
    const db = createDatabase(await cloneDatabase(), { max: 1, preparesStatements })
    t.teardown(() => db.destroy())
    for (const value of [1, 2])
      t.strictSame(await execute(db, 'add', sql`SELECT ${value}::int + 1 AS sum`), [{ sum: value + 1 }])
    t.strictSame((await prepared.execute(db)).rows, preparesStatements ? [{ name: 'add' }] : [])
  })

for (const PREPARED_STATEMENTS of ['true', 'false'])
  t.test(
    `with PREPARED_STATEMENTS=${PREPARED_STATEMENTS} a session is created, and PostgreSQL shows who asks`,
    async (t) => {
      const service = await buildBehindProxies(t, { PREPARED_STATEMENTS })
      t.equal((await service.create()).status, 200)
      // What a connection asked last.
      const asked = async () => {
        const { rows } = await sql<{ name: string | null }>`
        SELECT substring(query from '^/[*] ([a-zA-Z]+) [*]/') AS name FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`.execute(service.db)
        return rows.map(({ name }) => name)
      }
      await until(async () => (await asked()).includes('holdMinute'))
      t.equal(service.database.count('holdMinute'), 1, 'the proxies of the tests know it by its name')
      // The Parse message of a prepared statement names it, that of another does not.
      const parsed = service.database.texts.join('').includes('holdMinute\0/* holdMinute */')
      t.equal(parsed, PREPARED_STATEMENTS === 'true')
    },
  )

t.test('a statement that must have a row says so where it has none', async (t) => {
  const db = createDatabase(await cloneDatabase())
  t.teardown(() => db.destroy())
  await t.rejects(executeOne(db, 'findNothing', sql`SELECT 1 WHERE false`), { message: 'findNothing has no row' })
})
