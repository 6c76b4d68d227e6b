// Questions that several requests ask at the same time are asked in one statement: a round trip and a wait for the disk cost
// more than most of the questions themselves.
import DataLoader from 'dataloader'
import { type RawBuilder, sql } from 'kysely'
import { batchWaitMilliseconds } from '../timings.ts'
import type { Db } from './schema.ts'
import { compiledOnce } from './statement.ts'

const maxBatchSize = 100

type Columns<Values> = { [Name in keyof Values]: Values[Name][] }
type Numbered<Row> = Row & { n: number }

/**
 * The values of a batch as a table `input`, one row for each question, numbered from 1 by `n`. PostgreSQL must not know how
 * many there are, or it would plan anew for each number. The bounds on `n` make it expect one row, so that it uses an index
 * whatever the size of a table.
 */
function inputOf<Values extends object>(types: Record<keyof Values, string>, columns: Columns<Values>) {
  const names = Object.keys(types) as (keyof Values & string)[]
  const arrays = names.map((name) => sql`(SELECT ${columns[name]}::${sql.raw(types[name])}[])`)
  return sql`(
    SELECT * FROM unnest(${sql.join(arrays)}) WITH ORDINALITY AS input (${sql.join(names.map((name) => sql.ref(name)))}, n)
    WHERE n BETWEEN 1 AND ${sql.lit(maxBatchSize)}
  ) AS input`
}

const wait = () => new Promise((resolve) => setTimeout(resolve, batchWaitMilliseconds))

/**
 * The statement of the function `name`, which finds at most one row for each question. `types` are PostgreSQL's types of the
 * values in a question. `build` gets the questions as a table `input`; each of its rows says by `n` which question it
 * answers. Where the statement fails, every question of the batch fails. A question waits for the batch before it to be
 * answered, but at most `batchWaitMilliseconds`; questions that come meanwhile are asked with it.
 */
export function batched<Values extends object, Row>(
  name: string,
  types: Record<keyof Values, string>,
  build: (input: RawBuilder<unknown>) => RawBuilder<Numbered<Row>>,
): (db: Db, values: Values) => Promise<Row | undefined> {
  const query = compiledOnce(name, (columns: Columns<Values>) => build(inputOf(types, columns)))

  async function ask(db: Db, questions: readonly Values[]): Promise<(Row | undefined)[]> {
    const names = Object.keys(types) as (keyof Values)[]
    const columns = Object.fromEntries(names.map((name) => [name, questions.map((values) => values[name])]))
    const answers: (Row | undefined)[] = questions.map(() => undefined)
    for (const { n, ...row } of await query(db, columns as Columns<Values>)) answers[n - 1] = row as Row
    return answers
  }

  function createLoader(db: Db): DataLoader<Values, Row | undefined> {
    let previous: Promise<unknown> = Promise.resolve()
    const askAll = (questions: readonly Values[]) => {
      const answers = ask(db, questions)
      previous = Promise.race([answers.catch(() => {}), wait()])
      return answers
    }
    // After the sockets have been read once more: a request that has arrived by now is still part of the batch.
    const batchScheduleFn = (dispatch: () => void) => previous.then(() => setImmediate(dispatch))
    return new DataLoader(askAll, { cache: false, maxBatchSize, batchScheduleFn })
  }

  const loaders = new WeakMap<Db, ReturnType<typeof createLoader>>()
  return (db, values) => {
    const loader = loaders.get(db) ?? createLoader(db)
    loaders.set(db, loader)
    return loader.load(values)
  }
}
