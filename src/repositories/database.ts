// How a connection to PostgreSQL is made, and whether it takes what is written.
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient, sql } from 'kysely'
import pg from 'pg'
import { withPinnedTls } from './connection-trouble.ts'
import { query } from './query.ts'
import type { Db, Tables } from './schema.ts'
import { execute, nameIn } from './statement.ts'

/** How long somebody at a terminal waits: a database that sleeps may take long to wake, one behind a firewall never answers. */
export const terminalConnectionMilliseconds = 30_000

/** More texts than the repositories have, with the variants of a function's statement. */
const maxPreparedStatements = 200

/**
 * Under which name a statement is prepared, once on each connection: its function's, with a number from a second text on.
 * Undefined, which does not prepare it, where the text has no name, or where there are too many.
 */
export function createStatementNames(max = maxPreparedStatements): (text: string) => string | undefined {
  const names = new Map<string, string>()
  const variants = new Map<string, number>()
  return (text) => {
    const known = names.get(text)
    if (known) return known
    const base = nameIn(text)
    if (base === undefined || names.size === max) return undefined
    const variant = (variants.get(base) ?? 0) + 1
    const name = variant === 1 ? base : `${base}_${variant}`
    variants.set(base, variant)
    names.set(text, name)
    return name
  }
}

/** The server does not have the statement any more, or the tables have changed under it: SQLSTATEs of prepared statements. */
export const stalePlanCodes = /^(26000|42P05|0A000)$/

/** What PostgreSQL refuses after a failover, on connections that were made to a server that may not write, or not any more. */
const readOnlyCode = '25006'
/** The server or who stands in front of it ends the connection: SQLSTATEs of shutdowns, of lost connections, of what took long. */
const endedCodes = /^(57P0\d|08\w{3}|25P0[34])$/

type NameOf = ReturnType<typeof createStatementNames>

/**
 * Kysely hands back every connection as good. One whose query failed without PostgreSQL's answer (`query_timeout`) is still
 * waiting for it, and so would whoever got it next; one whose prepared statements are gone, or that may not write, would fail
 * for ever. All these are thrown away; where one may not write, so are those that were made before it was found out.
 */
function withoutBroken(pool: pg.Pool, nameOf: NameOf): PostgresPool {
  const madeAt = new WeakMap<object, number>()
  let readOnlyAt = Number.NEGATIVE_INFINITY
  pool.on('connect', (client) => madeAt.set(client, performance.now()))

  async function connect(): Promise<pg.PoolClient> {
    const client = await pool.connect()
    if (Number(madeAt.get(client)) > readOnlyAt) return client
    client.release(true)
    return connect()
  }

  function isBroken(error: unknown): error is Error {
    if (!(error instanceof pg.DatabaseError)) return true
    const code = String(error.code)
    if (code === readOnlyCode) readOnlyAt = performance.now()
    return code === readOnlyCode || endedCodes.test(code) || stalePlanCodes.test(code)
  }

  return {
    async connect() {
      const client = await connect()
      let failure: Error | undefined
      const ask = (text: string, values: unknown[]) =>
        query(client, text, values, nameOf(text), pool.options.query_timeout).catch((error) => {
          if (isBroken(error)) failure = error
          throw error
        })
      return { query: ask, release: () => client.release(failure) } as unknown as PostgresPoolClient
    },
    end: () => pool.end(),
  }
}

export interface DatabaseOptions extends pg.PoolConfig {
  /** Whether statements are prepared, which saves PostgreSQL their planning; some poolers cannot. */
  preparesStatements?: boolean
  /** Told of a connection that was lost while nobody used it. */
  onConnectionError?: (error: Error) => void
}

/**
 * A pool of connections behind Kysely; `destroy()` closes it. A lost connection fails the query that used it; one that
 * nobody uses is reported and replaced. Without the listeners either would end the process.
 */
export function createDatabase(
  connectionString: string,
  { preparesStatements = false, onConnectionError = () => {}, ...options }: DatabaseOptions = {},
): Db {
  const pool = new pg.Pool({ ...options, connectionString: withPinnedTls(connectionString) })
  pool.on('error', onConnectionError)
  pool.on('connect', (client) => client.on('error', onConnectionError))
  const nameOf = preparesStatements ? createStatementNames() : () => undefined
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: withoutBroken(pool, nameOf) }) })
}

/** Resolves when the database takes what is written; rejects with the driver's error when it does not. Locks no row. */
export async function ping(db: Db): Promise<void> {
  await execute(db, 'ping', sql`SELECT FROM organizations WHERE false FOR UPDATE`)
}

/**
 * Rejects where a pooler loses prepared statements: one is prepared on two connections, the second while the first is open. Such a
 * pooler gives both the same connection of PostgreSQL, which then has it already.
 */
export async function prepareTwice(db: Db): Promise<void> {
  await db.connection().execute(async (first) => {
    await execute(first, 'prepareTwice', sql`SELECT 1`)
    await db.connection().execute((second) => execute(second, 'prepareTwice', sql`SELECT 1`))
  })
}
