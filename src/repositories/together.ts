// What several requests ask of the database at the same time is asked in one statement: a round trip, and a wait for the
// disk, cost more than most of what they are made for.
import DataLoader from 'dataloader'
import type { RawBuilder } from 'kysely'
import { prepared } from './prepared.ts'
import type { Db } from './schema.ts'

/** So long a question waits at most for the answer to those before it; whoever comes meanwhile is asked for with it. */
const maxWaitMilliseconds = 50
/** In one statement. */
const maxQuestions = 100

/** The values as columns: of each property an array. */
type Columns<Values> = { [Name in keyof Values]: Values[Name][] }
type Numbered<Row> = Row & { n: number }

const wait = () => new Promise((resolve) => setTimeout(resolve, maxWaitMilliseconds))

/**
 * A statement for at most one row, which is asked for many values at once. `build` gets them as columns, for `unnest`; its
 * rows say by `n`, counted from 1, whose they are. Where it fails, it fails for all who asked.
 */
export function together<Values extends object, Row>(
  build: (columns: Columns<Values>) => RawBuilder<Numbered<Row>>,
): (db: Db, values: Values) => Promise<Row | undefined> {
  const query = prepared<Columns<Values>, Numbered<Row>>((_db, columns) => build(columns))

  async function ask(db: Db, all: readonly Values[]): Promise<(Row | undefined)[]> {
    const names = Object.keys(all[0] as Values) as (keyof Values)[]
    const columns = Object.fromEntries(names.map((name) => [name, all.map((values) => values[name])]))
    const rows: (Row | undefined)[] = all.map(() => undefined)
    for (const { n, ...row } of await query(db, columns as Columns<Values>)) rows[n - 1] = row as Row
    return rows
  }

  function createLoader(db: Db): DataLoader<Values, Row | undefined> {
    let before: Promise<unknown> = Promise.resolve()
    const askAll = (all: readonly Values[]) => {
      const answers = ask(db, all)
      before = Promise.race([answers.catch(() => {}), wait()])
      return answers
    }
    // What has arrived by now, but has not been read yet, comes along.
    const batchScheduleFn = (askNow: () => void) => before.then(() => setImmediate(askNow))
    return new DataLoader(askAll, { cache: false, maxBatchSize: maxQuestions, batchScheduleFn })
  }

  const loaders = new WeakMap<Db, ReturnType<typeof createLoader>>()
  return (db, values) => {
    const loader = loaders.get(db) ?? createLoader(db)
    loaders.set(db, loader)
    return loader.load(values)
  }
}
