// Fewer index writes: a session is activated without touching an index, in the same page. Open sessions are told by `charged`,
// which only settlement sets; a session without an Idempotency-Key has no entry among the keys.
import { type Kysely, sql } from 'kysely'

const statements = [
  'ALTER TABLE voice_sessions SET (fillfactor = 70)',
  'DROP INDEX voice_sessions_wake_at_idx',
  'CREATE INDEX voice_sessions_wake_at_idx ON voice_sessions (wake_at) WHERE charged IS NULL',
  'DROP INDEX voice_sessions_organization_id_idx',
  'CREATE INDEX voice_sessions_open_idx ON voice_sessions (organization_id) WHERE charged IS NULL',
  'ALTER TABLE voice_sessions DROP CONSTRAINT voice_sessions_organization_id_user_id_idempotency_key_key',
  `CREATE UNIQUE INDEX voice_sessions_idempotency_key_idx ON voice_sessions (organization_id, user_id, idempotency_key)
     WHERE idempotency_key IS NOT NULL`,
]

export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
