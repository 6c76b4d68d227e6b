// The database: a pool with bounded waits, and the repositories bound to it. The only plugin that knows Kysely and pg. A
// database that cannot answer is a ServiceUnavailable; it is never mistaken for "not there".
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { ServiceUnavailable } from '../errors.ts'
import * as agents from '../repositories/agents.ts'
import * as apiKeys from '../repositories/api-keys.ts'
import { createDatabase, ping } from '../repositories/database.ts'
import { pendingMigrations } from '../repositories/migrate.ts'
import type { Db } from '../repositories/schema.ts'
import * as voiceSessions from '../repositories/voice-sessions.ts'

declare module 'fastify' {
  interface FastifyInstance {
    repositories: Repositories
  }
}

const repositories = {
  findCaller: apiKeys.findCaller,
  findAgent: agents.findAgent,
  holdMinute: voiceSessions.holdMinute,
  findHoldRefusal: voiceSessions.findHoldRefusal,
  activate: voiceSessions.activate,
  findStatus: voiceSessions.findStatus,
  settle: voiceSessions.settle,
  ping,
}

type Repositories = {
  [Name in keyof typeof repositories]: (typeof repositories)[Name] extends (db: Db, ...args: infer Args) => infer Result
    ? (...args: Args) => Result
    : never
}

/** How long anything may take, in milliseconds, so that a request is answered before its caller gives up. */
const limits = {
  max: 10,
  connectionTimeoutMillis: 1000,
  statement_timeout: 2000,
  lock_timeout: 1500,
  query_timeout: 2500,
  idle_in_transaction_session_timeout: 5000,
  keepAlive: true,
}

/**
 * SQLSTATEs and socket errors that mean "cannot now": cancelled, shut down, connection lost, too many connections, read
 * only (a failover), deadlock, lock not available. Errors of pg and pg-pool themselves carry no code at all.
 */
const unavailableCode = /^(57014|57P0\d|08\w{3}|53300|25006|40P01|55P03|E[A-Z_]+)$/
const unavailableMessage = /timeout|terminated|Connection|connect|not queryable/

function isUnavailable(error: unknown): boolean {
  const { code, message } = error as Error & { code?: string }
  return code ? unavailableCode.test(code) : unavailableMessage.test(message)
}

/** The same functions without their first argument, their failures to reach the database translated. */
function bind(db: Db): Repositories {
  const bound = Object.entries(repositories).map(([name, query]) => [
    name,
    async (...args: unknown[]) => {
      try {
        return await (query as (db: Db, ...args: unknown[]) => Promise<unknown>)(db, ...args)
      } catch (cause) {
        throw isUnavailable(cause) ? new ServiceUnavailable({ cause }) : cause
      }
    },
  ])
  return Object.fromEntries(bound)
}

async function database(app: FastifyInstance, options: { url: string }) {
  const db = createDatabase(options.url, limits, (err) => app.log.warn({ err }, 'database connection lost'))
  app.addHook('onClose', () => db.destroy())
  const pending = await pendingMigrations(db).catch((cause) => {
    throw new Error(`the database of DATABASE_URL does not answer: ${cause.code ?? ''} ${cause.message}`, { cause })
  })
  if (pending.length > 0) throw new Error(`the database lacks migrations (${pending}): run \`npm run migrate\``)
  app.decorate('repositories', bind(db))
}

export default fp(database, { name: 'database' })
