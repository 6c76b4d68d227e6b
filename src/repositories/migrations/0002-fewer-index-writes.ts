// Fewer index writes: a session is activated in the same page, without touching an index. Open sessions are told by `charged`,
// which only settlement sets; a session without an Idempotency-Key has no entry among the keys. What is new is made first:
// until it is, sessions can be read.
import { type Kysely, sql } from 'kysely'

const statements = [
  'CREATE INDEX voice_sessions_due_idx ON voice_sessions (wake_at) WHERE charged IS NULL',
  'CREATE INDEX voice_sessions_open_idx ON voice_sessions (organization_id) WHERE charged IS NULL',
  `CREATE UNIQUE INDEX voice_sessions_idempotency_key_idx ON voice_sessions (organization_id, user_id, idempotency_key)
     WHERE idempotency_key IS NOT NULL`,
  'DROP INDEX voice_sessions_wake_at_idx',
  'DROP INDEX voice_sessions_organization_id_idx',
  'ALTER TABLE voice_sessions DROP CONSTRAINT voice_sessions_organization_id_user_id_idempotency_key_key',
  'ALTER TABLE voice_sessions SET (fillfactor = 70)',
]

export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
