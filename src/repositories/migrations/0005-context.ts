// Agents as data, and what a session keeps of its create: the context that the backend gave, and the agent as it was then. Every
// column is new and null or a constant, so that no table is rewritten and a replica of before goes on. The indexes of the new
// filters are on a table that may be large: they are built beside, see concurrent-indexes.ts.
import { type Kysely, sql } from 'kysely'

const statements = [
  `ALTER TABLE agents
    ADD COLUMN config jsonb CHECK (jsonb_typeof(config) = 'object'),
    ADD COLUMN version int NOT NULL DEFAULT 1,
    ADD COLUMN worker_name text CHECK (worker_name ~ '\\S'),
    ADD COLUMN max_call_minutes int CHECK (max_call_minutes BETWEEN 1 AND 1440)`,
  `ALTER TABLE voice_sessions
    ADD COLUMN metadata jsonb,
    ADD COLUMN user_identifier text,
    ADD COLUMN agent_version int,
    ADD COLUMN max_call_minutes int,
    ADD COLUMN request_id uuid,
    ADD COLUMN fingerprint bytea`,
]

export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
