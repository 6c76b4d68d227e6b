// Agents as their organization reads them: one by its id, or all, newest first. Deleted agents are not there.
import { sql } from 'kysely'
import { uuidPattern } from './agents.ts'
import type { Db } from './schema.ts'
import { createdAtMicroseconds, momentAt } from './session-place.ts'
import { execute, executeFirst } from './statement.ts'

/** Where an agent is in the list. */
export interface AgentPlace {
  /** UUID, lower case. */
  id: string
  /** Microseconds since 1970. */
  created_at_us: number
}

export interface ShownAgent extends AgentPlace {
  name: string
  version: number
  architecture: string
  /** Credits for each started minute. */
  credits_per_minute: number
  /** Null where the agent sets no limit of its own. */
  max_call_minutes: number | null
}

const agentsOf = (db: Db, organizationId: string) =>
  db
    .selectFrom('agents')
    .select(['id', 'name', 'version', 'architecture', 'credits_per_minute', 'max_call_minutes'])
    .select(createdAtMicroseconds.as('created_at_us'))
    .where('organization_id', '=', organizationId)
    .where('deleted_at', 'is', null)

/** The organization's agent of that id; undefined where the id is unknown, deleted, another organization's or no UUID. */
export async function findShownAgent(db: Db, id: string, organizationId: string): Promise<ShownAgent | undefined> {
  if (!uuidPattern.test(id)) return undefined
  return executeFirst(db, 'findShownAgent', agentsOf(db, organizationId).where('id', '=', id))
}

export interface AgentPage {
  limit: number
  /** Where the page before ended. */
  after?: AgentPlace | undefined
}

/** The organization's agents, newest first. */
export async function listShownAgents(
  db: Db,
  organizationId: string,
  { limit, after }: AgentPage,
): Promise<ShownAgent[]> {
  const select = agentsOf(db, organizationId).orderBy('agents.created_at', 'desc').orderBy('id', 'desc').limit(limit)
  const rest =
    after && select.where(sql<boolean>`(created_at, id) < (${momentAt(after.created_at_us)}, ${after.id}::uuid)`)
  return execute(db, 'listShownAgents', rest ?? select)
}
