// The database: the pools, and the repositories bound to them. The only plugin that knows the repositories. A database that
// cannot answer is a ServiceUnavailable; it is never mistaken for "not there".
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { ServiceUnavailable } from '../errors.ts'
import { explainTrouble } from '../repositories/connection-trouble.ts'
import { createDatabase, type DatabaseOptions, prepareTwice, stalePlanCodes } from '../repositories/database.ts'
import { requireUtf8 } from '../repositories/encoding.ts'
import { pendingMigrations } from '../repositories/migrate.ts'
import { pools, queries } from '../repositories/pools.ts'
import type { Db } from '../repositories/schema.ts'

declare module 'fastify' {
  interface FastifyInstance {
    repositories: Repositories
  }
}

type Queries = Record<string, (db: Db, ...args: never[]) => Promise<unknown>>

type Bound<Unbound extends Queries> = {
  [Name in keyof Unbound]: Unbound[Name] extends (db: Db, ...args: infer Args) => infer Result
    ? (...args: Args) => Result
    : never
}

type Repositories = Bound<
  typeof queries.request &
    typeof queries.settlement &
    typeof queries.background &
    typeof queries.usage &
    typeof queries.delivery
>

/**
 * SQLSTATEs and socket errors that mean "cannot now": cancelled, shut down, connection lost, too many connections, no disk or
 * memory left, an error of the disk, read only (a failover), a transaction that took too long, serialization failure, deadlock,
 * lock not available. Errors of pg and pg-pool themselves carry no code at all.
 */
const unavailableCodes = /^(57014|57P0\d|08\w{3}|53\w{3}|58030|25006|25P0[34]|40001|40P01|55P03|E[A-Z_]+)$/
const unavailableMessages = /timeout|terminated|Connection|connect|not queryable/

function isUnavailable(error: unknown): boolean {
  const { code, message } = error as Error & { code?: string }
  return code ? unavailableCodes.test(code) || stalePlanCodes.test(code) : unavailableMessages.test(message)
}

/** The same functions without their first argument; where they cannot reach the database they throw ServiceUnavailable. */
function bind<Unbound extends Queries>(db: Db, queries: Unbound): Bound<Unbound> {
  const bound = Object.entries(queries).map(([name, query]) => [
    name,
    async (...args: never[]) => {
      try {
        return await query(db, ...args)
      } catch (cause) {
        throw isUnavailable(cause) ? new ServiceUnavailable({ cause }) : cause
      }
    },
  ])
  return Object.fromEntries(bound)
}

/** All that the service asks the database, each function on its pool. */
export function bindRepositories(db: Record<keyof typeof pools, Db>): Repositories {
  return {
    ...bind(db.request, queries.request),
    ...bind(db.settlement, queries.settlement),
    ...bind(db.background, queries.background),
    ...bind(db.usage, queries.usage),
    ...bind(db.delivery, queries.delivery),
  }
}

interface Options {
  url: string
  preparesStatements: boolean
}

async function database(app: FastifyInstance, { url, preparesStatements }: Options) {
  const connect = (pool: DatabaseOptions) => {
    const onConnectionError = (err: Error) => app.log.warn({ err }, 'database connection lost')
    const db = createDatabase(url, { ...pool, preparesStatements, onConnectionError })
    app.addHook('onClose', () => db.destroy())
    return db
  }
  const request = connect(pools.request)
  const settlement = connect(pools.settlement)
  const background = connect(pools.background)
  const usage = connect(pools.usage)
  const delivery = connect(pools.delivery)
  // A start may wait longer than a request: many replicas may be starting at once.
  const check = prepareTwice(background).then(() => pendingMigrations(background))
  const pending = await check.catch((cause) => {
    throw new Error(`the database of DATABASE_URL does not answer: ${explainTrouble(cause)}`, { cause })
  })
  await requireUtf8(background)
  if (pending.length > 0)
    throw new Error(
      `the database lacks migrations (${pending}): run \`npm run migrate\`, or \`node dist/admin.js migrate\``,
    )
  app.decorate('repositories', bindRepositories({ request, settlement, background, usage, delivery }))
}

export default fp(database, { name: 'database' })
