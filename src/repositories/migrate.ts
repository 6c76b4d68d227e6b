// Brings the tables to the newest migration. Safe to run again and from several processes at once: Kysely takes an
// advisory lock. Migrations are append-only; one that was released is never edited.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, type Migration, Migrator, sql } from 'kysely'
import { migrationLockMilliseconds } from '../timings.ts'
import * as ledger from './migrations/0001-ledger.ts'
import * as fewerIndexWrites from './migrations/0002-fewer-index-writes.ts'
import * as presence from './migrations/0003-presence.ts'
import * as webhookArrival from './migrations/0004-webhook-arrival.ts'
import type { Db } from './schema.ts'

const migrations = {
  '0001-ledger': ledger,
  '0002-fewer-index-writes': fewerIndexWrites,
  '0003-presence': presence,
  '0004-webhook-arrival': webhookArrival,
}

/** SQLSTATE of who waited too long for a lock. */
const lockTimeoutCode = '55P03'
const maxAttempts = 60
const pauseMilliseconds = 1000

/**
 * Whoever changes a table waits until nobody uses it, and everybody who comes later waits behind: a long read, such as a
 * backup's, would stop the service. So a migration does not wait for long; it is tried again.
 */
const withoutLongWait = ({ up }: Migration): Migration => ({
  async up(db: Kysely<never>) {
    await sql.raw(`SET LOCAL lock_timeout = ${migrationLockMilliseconds}`).execute(db)
    await up(db)
  },
})

const patient = Object.fromEntries(Object.entries(migrations).map(([name, one]) => [name, withoutLongWait(one)]))

const migratorOf = (db: Db) => new Migrator({ db, provider: { getMigrations: async () => patient } })

/** Applies the next migration, in a transaction of its own; its name, or undefined where there is none. */
async function migrateOne(db: Db, attemptsLeft = maxAttempts): Promise<string | undefined> {
  const { error, results = [] } = await migratorOf(db).migrateUp()
  if (!error) return results[0]?.migrationName
  if ((error as { code?: string }).code !== lockTimeoutCode || attemptsLeft === 1) throw error
  await sleep(pauseMilliseconds)
  return migrateOne(db, attemptsLeft - 1)
}

/** The names of the migrations that were applied, oldest first; none where the tables were up to date. */
export async function migrate(db: Db): Promise<string[]> {
  const applied: string[] = []
  for (;;) {
    const name = await migrateOne(db)
    if (name === undefined) return applied
    applied.push(name)
  }
}

/** The names of the migrations that the database lacks. */
export async function pendingMigrations(db: Db): Promise<string[]> {
  const all = await migratorOf(db).getMigrations()
  return all.filter((migration) => !migration.executedAt).map((migration) => migration.name)
}
