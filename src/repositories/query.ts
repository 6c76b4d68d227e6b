// How a statement is asked on a connection: its answer is read in forms that no setting changes, and it is asked again where it met
// another.
import pg from 'pg'
import { fixedForms } from './forms.ts'
import { repeated } from './repeats.ts'
import { nameIn } from './statement.ts'

type Types = pg.CustomTypesConfig

/** For statements without a name, which are not the repositories'. */
const anyForms: Types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format as 'text'),
}

type Config = pg.QueryConfig & { query_timeout?: number }

/** PostgreSQL quotes the row that it refuses, or the values of a statement: the context of a call is in no line of log. */
function withoutValues(error: unknown): unknown {
  if (error instanceof pg.DatabaseError) {
    error.detail = undefined
    error.where = undefined
  }
  return error
}

/**
 * The result of one statement. With a `name` it is prepared under that. All its repeats end within `milliseconds`, the time that
 * one has; 0 is no end.
 */
export async function query(client: pg.PoolClient, text: string, values: unknown[], name?: string, milliseconds = 0) {
  const types = nameIn(text) === undefined ? anyForms : (fixedForms as Types)
  const config: Config = { text, values, types, ...(name !== undefined && { name }) }
  const ask = (left: number) =>
    client.query(milliseconds ? ({ ...config, query_timeout: Math.max(1, Math.ceil(left)) } as Config) : config)
  try {
    // What belongs to a transaction is repeated with it, by whoever began it.
    if (client.getTransactionStatus() !== 'I') return await client.query(config)
    return await repeated(ask, milliseconds || Number.POSITIVE_INFINITY)
  } catch (error) {
    throw withoutValues(error)
  }
}
