// The database: pools with bounded waits, and the repositories bound to it. The only plugin that knows Kysely and pg. A
// database that cannot answer is a ServiceUnavailable; it is never mistaken for "not there".
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { ServiceUnavailable } from '../errors.ts'
import * as agents from '../repositories/agents.ts'
import * as apiKeys from '../repositories/api-keys.ts'
import * as audit from '../repositories/audit.ts'
import { createDatabase, forgotten, ping } from '../repositories/database.ts'
import * as ledger from '../repositories/ledger.ts'
import { pendingMigrations } from '../repositories/migrate.ts'
import * as organizations from '../repositories/organizations.ts'
import * as participants from '../repositories/participants.ts'
import type { Db } from '../repositories/schema.ts'
import * as transitions from '../repositories/transitions.ts'
import * as voiceSessions from '../repositories/voice-sessions.ts'

declare module 'fastify' {
  interface FastifyInstance {
    repositories: Repositories
  }
}

const { findStatus, ...sessions } = voiceSessions

/** What a request asks before it has changed anything. */
const beginning = {
  ...sessions,
  findCaller: apiKeys.findCaller,
  findAgent: agents.findAgent,
  findCredits: organizations.findCredits,
  holdMinute: ledger.holdMinute,
  ping,
}

/** What carries on with a session that holds credits; it must not wait behind those who only want to begin. */
const carryingOn = {
  ...transitions,
  ...participants,
  findStatus,
  extend: ledger.extend,
  settle: ledger.settle,
}

/** What no request waits for. */
const counting = { findDifferences: audit.findDifferences }

type Queries = Record<string, (db: Db, ...args: never[]) => Promise<unknown>>

type Bound<Unbound extends Queries> = {
  [Name in keyof Unbound]: Unbound[Name] extends (db: Db, ...args: infer Args) => infer Result
    ? (...args: Args) => Result
    : never
}

type Repositories = Bound<typeof beginning & typeof carryingOn & typeof counting>

/** How long anything may take, in milliseconds, so that a request is answered before its caller gives up. */
const limits = {
  statement_timeout: 2000,
  lock_timeout: 1500,
  query_timeout: 2500,
  idle_in_transaction_session_timeout: 5000,
  keepAlive: true,
}
const beginningLimits = { ...limits, max: 10, connectionTimeoutMillis: 1000 }
const carryingOnLimits = { ...limits, max: 5, connectionTimeoutMillis: 2500 }
/** Counting takes longer the more sessions there are, but less than the service has for closing. */
const countingLimits = {
  ...limits,
  max: 1,
  connectionTimeoutMillis: 5000,
  statement_timeout: 15_000,
  query_timeout: 15_500,
}

/**
 * SQLSTATEs and socket errors that mean "cannot now": cancelled, shut down, connection lost, too many connections, read
 * only (a failover), deadlock, lock not available. Errors of pg and pg-pool themselves carry no code at all.
 */
const unavailableCode = /^(57014|57P0\d|08\w{3}|53300|25006|40P01|55P03|E[A-Z_]+)$/
const unavailableMessage = /timeout|terminated|Connection|connect|not queryable/

function isUnavailable(error: unknown): boolean {
  const { code, message } = error as Error & { code?: string }
  return code ? unavailableCode.test(code) || forgotten.test(code) : unavailableMessage.test(message)
}

/** The same functions without their first argument, their failures to reach the database translated. */
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

async function database(app: FastifyInstance, options: { url: string }) {
  const connect = (limits: object) => {
    const db = createDatabase(options.url, limits, (err) => app.log.warn({ err }, 'database connection lost'))
    app.addHook('onClose', () => db.destroy())
    return db
  }
  // A start may wait longer than a request: many replicas may be starting at once.
  const patient = connect(countingLimits)
  const pending = await pendingMigrations(patient).catch((cause) => {
    throw new Error(`the database of DATABASE_URL does not answer: ${cause.code ?? ''} ${cause.message}`, { cause })
  })
  if (pending.length > 0)
    throw new Error(
      `the database lacks migrations (${pending}): run \`npm run migrate\`, or \`node dist/admin.js migrate\``,
    )
  app.decorate('repositories', {
    ...bind(connect(beginningLimits), beginning),
    ...bind(connect(carryingOnLimits), carryingOn),
    ...bind(patient, counting),
  })
}

export default fp(database, { name: 'database' })
