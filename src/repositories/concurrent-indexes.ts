// Indexes of tables that may be large. PostgreSQL builds them beside the work that goes on, in no transaction; so they belong to no
// migration. They are looked for after all migrations, each time, and built where one is missing or was left half-built.
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Db } from './schema.ts'

/**
 * Each for one filter of the list of sessions, in its order, and one for usage, with all that is added up. A session that a filter
 * cannot find, or that is not settled, has no entry. Two for deliveries: of an endpoint that is deleted, and those that wait
 * longest.
 */
const indexes: Record<string, string> = {
  voice_sessions_agent_idx: 'voice_sessions (organization_id, agent_id, created_at DESC, room_name DESC)',
  voice_sessions_user_identifier_idx:
    'voice_sessions (organization_id, user_identifier, created_at DESC, room_name DESC) WHERE user_identifier IS NOT NULL',
  voice_sessions_usage_idx: `voice_sessions (organization_id, ended_at)
    INCLUDE (charged, refunded, seconds_billed, agent_id, user_identifier) WHERE charged IS NOT NULL`,
  webhook_deliveries_endpoint_idx: 'webhook_deliveries (endpoint_id)',
  webhook_deliveries_waiting_idx: 'webhook_deliveries (endpoint_id, created_at) WHERE wake_at IS NOT NULL',
}

const limits = ['statement_timeout', 'lock_timeout']

/** SQLSTATEs of who met another that builds on the same table: deadlock, already there. */
const metCodes = ['40P01', '42P07', '23505']
const pauseMilliseconds = 500

interface State {
  is_valid: boolean
  /** By another process, just now. */
  is_being_built: boolean
}

async function stateOf(db: Db, name: string): Promise<State | undefined> {
  const { rows } = await sql<State>`
    SELECT indisvalid AS is_valid,
           EXISTS (SELECT 1 FROM pg_catalog.pg_stat_progress_create_index WHERE index_relid = indexrelid) AS is_being_built
    FROM pg_catalog.pg_index WHERE indexrelid = to_regclass(quote_ident(current_schema()) || '.' || ${name})`.execute(
    db,
  )
  return rows[0]
}

/** What the role sets for each statement does not hold for one that may take minutes, and keeps nobody waiting. */
async function build(db: Db, name: string, isHalfBuilt: boolean): Promise<void> {
  await db.connection().execute(async (connection) => {
    const run = (statement: string) => sql.raw(statement).execute(connection)
    for (const limit of limits) await run(`SET ${limit} = 0`)
    try {
      if (isHalfBuilt) await run(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`)
      await run(`CREATE INDEX CONCURRENTLY ${name} ON ${indexes[name]}`)
    } finally {
      for (const limit of limits) await run(`RESET ${limit}`)
    }
  })
}

async function buildOnce(db: Db, name: string): Promise<void> {
  for (;;) {
    const state = await stateOf(db, name)
    if (state?.is_valid) return
    if (state?.is_being_built) {
      await sleep(pauseMilliseconds)
      continue
    }
    await build(db, name, state !== undefined).catch((error) => {
      if (!metCodes.includes(error.code)) throw error
    })
  }
}

/** Builds those that are missing. Safe to run again, and from several processes at once. */
export async function buildIndexes(db: Db): Promise<void> {
  for (const name of Object.keys(indexes)) await buildOnce(db, name)
}
