// Which migrations a schema has: a table of our own in the schema in which new tables are made, the first of the search_path that
// exists. In earlier versions it was Kysely's table, which other programs in the same schema may have, too.
import { sql } from 'kysely'
import type { Db } from './schema.ts'

const first = '0001-ledger'

/** Only a number that nobody else takes. */
const lockKey = 7_305_168_204_591_377

/** Whether the schema has Kysely's table, and it is ours: ours alone, or Kysely would refuse it. */
async function hasFormer(db: Db): Promise<boolean> {
  if (!(await hasTable(db, 'kysely_migration'))) return false
  const { rows } = await sql`SELECT 1 FROM kysely_migration WHERE name = ${first}`.execute(db)
  return rows.length > 0
}

async function hasTable(db: Db, name: string): Promise<boolean> {
  const { rows } = await sql`
    SELECT 1 FROM pg_catalog.pg_class WHERE relname = ${name} AND relnamespace =
      (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema())`.execute(db)
  return rows.length > 0
}

/** Within a transaction: nobody else migrates until it ends, and the table is there. */
export async function begin(db: Db): Promise<void> {
  const { rows } = await sql<{ schema: string | null }>`SELECT current_schema() AS schema`.execute(db)
  if (rows[0]?.schema == null) throw new Error('no schema of the search_path exists: create it first')
  await sql`SELECT pg_advisory_xact_lock(${sql.lit(lockKey)})`.execute(db)
  if (await hasTable(db, 'voice_sessions_migration')) return
  if (await hasFormer(db)) {
    await sql`ALTER TABLE kysely_migration RENAME TO voice_sessions_migration`.execute(db)
    await sql`DROP TABLE IF EXISTS kysely_migration_lock`.execute(db)
  } else {
    await sql`CREATE TABLE voice_sessions_migration (name text PRIMARY KEY, timestamp text NOT NULL)`.execute(db)
  }
}

/** Their names. */
export async function list(db: Db): Promise<string[]> {
  const has = await hasTable(db, 'voice_sessions_migration')
  if (!has && !(await hasFormer(db))) return []
  const { rows } = await sql<{
    name: string
  }>`SELECT name FROM ${sql.table(has ? 'voice_sessions_migration' : 'kysely_migration')}`.execute(db)
  return rows.map(({ name }) => name)
}

export async function add(db: Db, name: string): Promise<void> {
  const now = new Date().toISOString()
  await sql`INSERT INTO voice_sessions_migration (name, timestamp) VALUES (${name}, ${now})`.execute(db)
}
