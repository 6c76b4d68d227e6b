// How a connection to PostgreSQL is made, and whether it answers.
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import type { Db, Tables } from './schema.ts'

/** Every bigint column is a number of credits, kept within 2^53 - 1 by CHECK: a JavaScript number is exact. */
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format as 'text'),
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
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
}

/** Resolves when the database answers; rejects with the driver's error when it does not. */
export async function ping(db: Db): Promise<void> {
  await sql`SELECT 1`.execute(db)
}
