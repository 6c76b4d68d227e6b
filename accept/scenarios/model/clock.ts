// PostgreSQL under the model's time. The service's statements say `now()`; here a function of that name, and one
// named `clock_timestamp`, stand in a schema that is searched before PostgreSQL's own, and answer what the model has set. The statements themselves are untouched.
import { sql } from 'kysely'
import type { RunningPostgres } from '../../../demo/postgres.ts'
import { createDatabase } from '../../../src/repositories/database.ts'
import { migrate } from '../../../src/repositories/migrate.ts'
import type { Db } from '../../../src/repositories/schema.ts'

export interface Clock {
  /** Unix milliseconds. */
  now: number
}

export interface SimulatedDatabase {
  db: Db
  /** Runs a query at the clock's time. */
  at<T>(clock: Clock, query: (db: Db) => Promise<T>): Promise<T>
}

/** Nothing of it is needed after the run, so it need not survive a crash. */
export const unsafeSettings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' }

/** A database with the service's tables, on one connection of its own. */
export async function openSimulated(postgres: RunningPostgres, name: string): Promise<SimulatedDatabase> {
  const admin = createDatabase(postgres.url(), { max: 1 })
  await sql.raw(`CREATE DATABASE ${name}`).execute(admin)
  await admin.destroy()
  // Tables made on this connection take their DEFAULT now() from here, too.
  const options = '-c search_path=simulated,pg_catalog -c simulated.now=2030-01-01'
  const db = createDatabase(postgres.url(name), { max: 1, options })
  await sql`CREATE SCHEMA simulated`.execute(db)
  for (const name of ['now', 'clock_timestamp'])
    await sql`CREATE FUNCTION simulated.${sql.ref(name)}() RETURNS timestamptz LANGUAGE sql STABLE
      AS $$ SELECT current_setting('simulated.now')::timestamptz $$`.execute(db)
  await migrate(db)

  let set = Number.NaN
  return {
    db,
    async at(clock, query) {
      if (set !== clock.now) {
        set = clock.now
        // Not awaited: the one connection works in order.
        sql`SELECT set_config('simulated.now', ${new Date(clock.now).toISOString()}, false)`.execute(db).catch(() => {})
      }
      return query(db)
    },
  }
}
