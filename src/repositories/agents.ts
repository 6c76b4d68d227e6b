// Agents: what an organization can call. A deleted agent stays as a row, because sessions refer to it.
import { sql } from 'kysely'
import { batched } from './batched.ts'
import type { AgentChanges, Db, NewAgent } from './schema.ts'
import { execute, executeFirst, time } from './statement.ts'

/** What decides whether an agent can be called. The rest of it is read by the hold, which keeps it with the session. */
export interface Agent {
  /** UUID, lower case. */
  id: string
  architecture: string
}

/** What counts where an agent sets nothing of its own. */
export interface AgentDefaults {
  worker_name: string
  /** What an agent sets counts only where it is less. */
  max_call_minutes: number
}

/** What a session has of its agent for its worker, as `AgentDefaults` complete it. */
export interface SessionAgent extends AgentDefaults {
  agent_version: number
  config: Record<string, unknown> | null
}

export const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const shown = [
  ...(['id', 'organization_id', 'name', 'architecture', 'credits_per_minute', 'version'] as const),
  ...(['worker_name', 'max_call_minutes'] as const),
  time('created_at').as('created_at'),
  time<Date | null>('deleted_at').as('deleted_at'),
] as const

const findAgentById = batched<{ id: string; organization_id: string }, Agent>(
  'findAgent',
  { id: 'uuid', organization_id: 'uuid' },
  (input) => sql`
    SELECT n, id, architecture FROM ${input} JOIN agents USING (id, organization_id)
    WHERE deleted_at IS NULL`,
)

/** The organization's agent of that id; undefined where the id is unknown, deleted, another organization's or no UUID. */
export async function findAgent(db: Db, id: string, organizationId: string): Promise<Agent | undefined> {
  if (!uuidPattern.test(id)) return undefined
  return findAgentById(db, { id, organization_id: organizationId })
}

/** The new agent; undefined where another agent has the id already. */
export async function createAgent(db: Db, agent: NewAgent) {
  const insert = db
    .insertInto('agents')
    .values(agent)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning(shown)
  return executeFirst(db, 'createAgent', insert)
}

/**
 * The agent with these changes, at least one; undefined where there is none, or a deleted one. Its version counts up where
 * something is another value than before, also where two change it at once: the second sees what the first has written.
 */
export async function updateAgent(db: Db, id: string, changes: AgentChanges) {
  const differences = Object.entries(changes).map(
    ([column, value]) => sql`${sql.ref(column)} IS DISTINCT FROM ${value}`,
  )
  const version = sql<number>`version + (${sql.join(differences, sql` OR `)})::int`
  const update = db
    .updateTable('agents')
    .set({ ...changes, version })
    .where('id', '=', id)
  return executeFirst(db, 'updateAgent', update.where('deleted_at', 'is', null).returning(shown))
}

/** The agent with its configuration, also a deleted one; undefined where there is none. */
export async function findWholeAgent(db: Db, id: string) {
  const select = db.selectFrom('agents').select(shown).select('config').where('id', '=', id)
  return executeFirst(db, 'findWholeAgent', select)
}

export async function listAgents(db: Db, organizationId: string) {
  const select = db.selectFrom('agents').select(shown).where('organization_id', '=', organizationId)
  return execute(db, 'listAgents', select.orderBy('agents.created_at').orderBy('id'))
}

/** The agent, deleted now or already before; undefined where there is none. */
export async function deleteAgent(db: Db, id: string) {
  const deletion = { deleted_at: sql<Date>`COALESCE(deleted_at, now())` }
  const update = db.updateTable('agents').set(deletion).where('id', '=', id).returning(shown)
  return executeFirst(db, 'deleteAgent', update)
}
