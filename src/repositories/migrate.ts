// Brings the tables to the newest migration. Safe to run again, from several processes at once, beside other programs' migrations
// and through a pooler: all that belongs to a migration is in one transaction. Migrations are append-only; one that was released
// is never edited.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { migrationLockMilliseconds } from '../timings.ts'
import * as applied from './applied-migrations.ts'
import { buildIndexes } from './concurrent-indexes.ts'
import { requireUtf8 } from './encoding.ts'
import * as ledger from './migrations/0001-ledger.ts'
import * as fewerIndexWrites from './migrations/0002-fewer-index-writes.ts'
import * as presence from './migrations/0003-presence.ts'
import * as webhookArrival from './migrations/0004-webhook-arrival.ts'
import * as context from './migrations/0005-context.ts'
import * as suspension from './migrations/0006-suspension.ts'
import * as events from './migrations/0007-events.ts'
import * as trueEvents from './migrations/0008-true-events.ts'
import { inTransaction } from './repeats.ts'
import type { Db } from './schema.ts'

const migrations: Record<string, { up(db: Kysely<never>): Promise<void> }> = {
  '0001-ledger': ledger,
  '0002-fewer-index-writes': fewerIndexWrites,
  '0003-presence': presence,
  '0004-webhook-arrival': webhookArrival,
  '0005-context': context,
  '0006-suspension': suspension,
  '0007-events': events,
  '0008-true-events': trueEvents,
}
const names = Object.keys(migrations)

/** SQLSTATE of who waited too long for a lock. */
const lockTimeoutCode = '55P03'
const maxAttempts = 60
const pauseMilliseconds = 1000

/**
 * What the database or the role sets for everybody does not hold for a migration. Whoever changes a table waits until nobody uses
 * it, and everybody who comes later waits behind: a long read, such as a backup's, would stop the service. So a migration does not
 * wait for long; it is tried again.
 */
async function setForTransaction(db: Db): Promise<void> {
  await sql.raw(`SET LOCAL lock_timeout = ${migrationLockMilliseconds}`).execute(db)
  await sql`SET LOCAL standard_conforming_strings = on`.execute(db)
  const none = ['statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout']
  await sql`SELECT set_config(name, '0', true) FROM pg_settings WHERE name = ANY (${none})`.execute(db)
}

/** Applies the next migration, in a transaction of its own; its name, or undefined where there is none. */
const applyNext = (db: Db) =>
  inTransaction(db, async (transaction) => {
    await setForTransaction(transaction)
    await applied.begin(transaction)
    const known = await applied.list(transaction)
    const unknown = known.filter((name) => !names.includes(name))
    if (unknown.length > 0) throw new Error(`the tables are newer than this version: they have migrations ${unknown}`)
    const next = names.find((name) => !known.includes(name))
    if (next === undefined) return undefined
    await migrations[next]?.up(transaction as unknown as Kysely<never>)
    await applied.add(transaction, next)
    return next
  })

async function migrateOne(db: Db): Promise<string | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await applyNext(db)
    } catch (error) {
      if ((error as { code?: string }).code !== lockTimeoutCode || attempt === maxAttempts) throw error
      await sleep(pauseMilliseconds)
    }
  }
}

/** The names of the migrations that were applied, oldest first; none where the tables were up to date. */
export async function migrate(db: Db): Promise<string[]> {
  await requireUtf8(db)
  const applied: string[] = []
  for (;;) {
    const name = await migrateOne(db)
    if (name === undefined) break
    applied.push(name)
  }
  await buildIndexes(db)
  return applied
}

/** The names of the migrations that the database lacks. */
export async function pendingMigrations(db: Db): Promise<string[]> {
  const known = await applied.list(db)
  return names.filter((name) => !known.includes(name))
}
