// How a connection to PostgreSQL is made, and whether it answers.
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient, sql } from 'kysely'
import pg from 'pg'
import type { Db, Tables } from './schema.ts'

/** Every bigint column is a number of credits, kept within 2^53 - 1 by CHECK: a JavaScript number is exact. */
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format as 'text'),
}

const names = new Map<string, string>()

/**
 * Each statement is prepared once on each connection, under this name: all of them are constant, so there are few. The
 * proxies of the tests know the name (accept/said.ts).
 */
function nameOf(statement: string): string {
  const known = names.get(statement)
  if (known) return known
  const name = `statement_${names.size + 1}`
  names.set(statement, name)
  return name
}

/** The server does not have the statement any more, or the tables have changed under it: SQLSTATEs of prepared statements. */
export const forgotten = /^(26000|42P05|0A000)$/

/**
 * Kysely hands back every connection as good. One whose query failed without PostgreSQL's answer (`query_timeout`) is still
 * waiting for it, and so would whoever got it next; one whose prepared statements are gone would fail for ever. Both are
 * thrown away.
 */
function withoutBroken(pool: pg.Pool): PostgresPool {
  return {
    async connect() {
      const client = await pool.connect()
      let failure: Error | undefined
      const query = async (text: string, values: unknown[]) =>
        client.query({ name: nameOf(text), text, values }).catch((error) => {
          if (!(error instanceof pg.DatabaseError) || forgotten.test(String(error.code))) failure = error
          throw error
        })
      return { query, release: () => client.release(failure) } as unknown as PostgresPoolClient
    },
    end: () => pool.end(),
  }
}

/**
 * A pool of connections behind Kysely; `destroy()` closes it. A lost connection fails the query that used it; one that
 * nobody uses is reported to `onConnectionError` and replaced. Without the listeners either would end the process.
 */
export function createDatabase(
  connectionString: string,
  limits: pg.PoolConfig = {},
  onConnectionError: (error: Error) => void = () => {},
): Db {
  const pool = new pg.Pool({ ...limits, connectionString, types })
  pool.on('error', onConnectionError)
  pool.on('connect', (client) => client.on('error', onConnectionError))
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: withoutBroken(pool) }) })
}

/** Resolves when the database answers; rejects with the driver's error when it does not. */
export async function ping(db: Db): Promise<void> {
  await sql`SELECT 1`.execute(db)
}
