// Brings the tables to the newest migration. Safe to run again and from several processes at once: Kysely takes an
// advisory lock. Migrations are append-only; one that was released is never edited.
import { Migrator } from 'kysely'
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

const migratorOf = (db: Db) => new Migrator({ db, provider: { getMigrations: async () => migrations } })

/** The names of the migrations that were applied, oldest first; none where the tables were up to date. */
export async function migrate(db: Db): Promise<string[]> {
  const { error, results = [] } = await migratorOf(db).migrateToLatest()
  if (error) throw error
  return results.map((result) => result.migrationName)
}

/** The names of the migrations that the database lacks. */
export async function pendingMigrations(db: Db): Promise<string[]> {
  const all = await migratorOf(db).getMigrations()
  return all.filter((migration) => !migration.executedAt).map((migration) => migration.name)
}
