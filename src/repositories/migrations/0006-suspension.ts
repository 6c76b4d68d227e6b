// An organization can be suspended. The column is new and null, so that no table is rewritten; a replica of before does not read it,
// and takes the keys of a suspended organization until it is replaced.
import { type Kysely, sql } from 'kysely'

const statements = ['ALTER TABLE organizations ADD COLUMN suspended_at timestamptz']

export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
