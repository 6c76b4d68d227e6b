// What several requests ask of the database at the same time is asked in one statement: a round trip, and a wait for the
// disk, cost more than most of what they are made for.
import DataLoader from 'dataloader'
import { type RawBuilder, sql } from 'kysely'
import { prepared } from './prepared.ts'
import type { Db } from './schema.ts'

/** So long a question waits at most for the answer to those before it; whoever comes meanwhile is asked for with it. */
const maxWaitMilliseconds = 50
const maxQuestions = 100

type Columns<Values> = { [Name in keyof Values]: Values[Name][] }
type Numbered<Row> = Row & { n: number }

/**
 * All that is asked, a row each, numbered from 1. PostgreSQL is not to know how many there are, or it would plan anew for
 * each number; the bounds on `n` have it expect one, so that it goes by an index whatever the size of a table.
 */
function askedOf<Values extends object>(types: Record<keyof Values, string>, columns: Columns<Values>) {
  const names = Object.keys(types) as (keyof Values & string)[]
  const arrays = names.map((name) => sql`(SELECT ${columns[name]}::${sql.raw(types[name])}[])`)
  return sql`(
    SELECT * FROM unnest(${sql.join(arrays)}) WITH ORDINALITY AS asked (${sql.join(names.map((name) => sql.ref(name)))}, n)
    WHERE n BETWEEN 1 AND ${sql.lit(maxQuestions)}
  ) AS asked`
}

const wait = () => new Promise((resolve) => setTimeout(resolve, maxWaitMilliseconds))

/**
 * A statement for at most one row for each value, asked for many values at once. `types` are PostgreSQL's, of each of their
 * properties; `build` gets `asked`, the values as a table, and its rows say by `n` whose they are. Where it fails, it
 * fails for all who asked.
 */
export function together<Values extends object, Row>(
  types: Record<keyof Values, string>,
  build: (asked: RawBuilder<unknown>) => RawBuilder<Numbered<Row>>,
): (db: Db, values: Values) => Promise<Row | undefined> {
  const query = prepared((columns: Columns<Values>) => build(askedOf(types, columns)))

  async function ask(db: Db, all: readonly Values[]): Promise<(Row | undefined)[]> {
    const names = Object.keys(types) as (keyof Values)[]
    const columns = Object.fromEntries(names.map((name) => [name, all.map((values) => values[name])]))
    const rows: (Row | undefined)[] = all.map(() => undefined)
    for (const { n, ...row } of await query(db, columns as Columns<Values>)) rows[n - 1] = row as Row
    return rows
  }

  function createLoader(db: Db): DataLoader<Values, Row | undefined> {
    let previous: Promise<unknown> = Promise.resolve()
    const askAll = (all: readonly Values[]) => {
      const answers = ask(db, all)
      previous = Promise.race([answers.catch(() => {}), wait()])
      return answers
    }
    // What has arrived by now, but has not been read yet, comes along.
    const batchScheduleFn = (dispatch: () => void) => previous.then(() => setImmediate(dispatch))
    return new DataLoader(askAll, { cache: false, maxBatchSize: maxQuestions, batchScheduleFn })
  }

  const loaders = new WeakMap<Db, ReturnType<typeof createLoader>>()
  return (db, values) => {
    const loader = loaders.get(db) ?? createLoader(db)
    loaders.set(db, loader)
    return loader.load(values)
  }
}
