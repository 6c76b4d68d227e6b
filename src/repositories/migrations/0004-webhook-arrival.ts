// When LiveKit's last webhook came: one row, which a replica that does not know of it neither reads nor misses.
import { type Kysely, sql } from 'kysely'

const statements = [
  `CREATE TABLE webhook_arrival (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    last_at timestamptz NOT NULL
  )`,
]

export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
