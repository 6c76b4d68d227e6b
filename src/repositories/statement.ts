// How a statement is run: under the name of its function. PostgreSQL prepares it under this name, and shows it in
// pg_stat_activity, because the text begins with it.
import { type CompiledQuery, type QueryExecutorProvider, type RawBuilder, sql } from 'kysely'
import type { Db } from './schema.ts'

/** What Kysely can compile: a builder, or `sql`. */
interface Statement<Row> {
  compile(executor: QueryExecutorProvider): CompiledQuery<Row>
}

const compile = <Row>(db: Db, name: string, statement: Statement<Row>): CompiledQuery<Row> => {
  const compiled = statement.compile(db)
  return { ...compiled, sql: `/* ${name} */ ${compiled.sql}` }
}

/** The name in a statement's text; undefined where it has none, as those of the migrations. */
export const nameIn = (text: string): string | undefined => /^\/\* (\w+) \*\//.exec(text)?.[1]

/** Runs the statement of the function `name`; its rows. */
export async function execute<Row>(db: Db, name: string, statement: Statement<Row>): Promise<Row[]> {
  const { rows } = await db.executeQuery(compile(db, name, statement))
  return rows
}

/** The first row, or undefined where the statement has none. */
export async function executeFirst<Row>(db: Db, name: string, statement: Statement<Row>): Promise<Row | undefined> {
  const [row] = await execute(db, name, statement)
  return row
}

/** The row of a statement that always has one; throws where it has none. */
export async function executeOne<Row>(db: Db, name: string, statement: Statement<Row>): Promise<Row> {
  const [row] = await execute(db, name, statement)
  if (row === undefined) throw new Error(`${name} has no row`)
  return row
}

/**
 * A moment that is read, a column or an expression, as a Date. It is asked for as JSON in UTC, the one form of it that no setting
 * of a database, role or pooler changes.
 */
export const time = <Value extends Date | null = Date>(moment: string | RawBuilder<unknown>) =>
  sql<Value>`to_json((${typeof moment === 'string' ? sql.ref(moment) : moment}) AT TIME ZONE 'UTC')`

/** A constant span of time for a statement. */
export const seconds = (count: number) => sql.raw(`interval '${count} s'`)

class Placeholder {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/**
 * A statement that every creation makes. Its text never changes, so it is compiled only once, which saves a twelfth of the
 * CPU. `build` is called once, with placeholders for the values that come with each call.
 */
export function compiledOnce<Values extends object, Row>(
  name: string,
  build: (values: Values) => RawBuilder<Row>,
): (db: Db, values: Values) => Promise<Row[]> {
  const placeholders = new Proxy({}, { get: (_, key) => new Placeholder(String(key)) }) as Values
  let compiled: CompiledQuery<Row> | undefined
  return async (db, values) => {
    compiled ??= compile(db, name, build(placeholders))
    const parameters = compiled.parameters.map((value) =>
      value instanceof Placeholder ? values[value.name as keyof Values] : value,
    )
    const { rows } = await db.executeQuery<Row>({ ...compiled, parameters })
    return rows
  }
}
