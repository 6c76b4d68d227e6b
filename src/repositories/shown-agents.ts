// Agents as their organization reads them: one by its id, or all, newest first. Deleted agents are not there.
import { sql } from 'kysely'
import { uuidPattern } from './agents.ts'
import type { Db } from './schema.ts'
import { execute, executeFirst, fromMicroseconds, microseconds } from './statement.ts'

export interface ShownAgent {
  /** UUID, lower case. */
  id: string
  name: string
  version: number
  architecture: string
  /** Credits for each started minute. */
  credits_per_minute: number
  /** Null where the agent sets no limit of its own. */
  max_call_minutes: number | null
  /** When it was made, in microseconds since 1970. */
  created_microseconds: number
}

const agentsOf = (db: Db, organizationId: string) =>
  db
    .selectFrom('agents')
    .select(['id', 'name', 'version', 'architecture', 'credits_per_minute', 'max_call_minutes'])
    .select(microseconds('created_at').as('created_microseconds'))
    .where('organization_id', '=', organizationId)
    .where('deleted_at', 'is', null)

/** The organization's agent of that id; undefined where the id is unknown, deleted, another organization's or no UUID. */
export async function findShownAgent(db: Db, id: string, organizationId: string): Promise<ShownAgent | undefined> {
  if (!uuidPattern.test(id)) return undefined
  return executeFirst(db, 'findShownAgent', agentsOf(db, organizationId).where('id', '=', id))
}

export interface AgentPage {
  limit: number
  /** Where the page before ended: the moment at which its last agent was made, in microseconds since 1970, and its id. */
  after?: { microseconds: number; key: string } | undefined
}

/** The organization's agents, newest first. */
export async function listShownAgents(
  db: Db,
  organizationId: string,
  { limit, after }: AgentPage,
): Promise<ShownAgent[]> {
  const select = agentsOf(db, organizationId).orderBy('agents.created_at', 'desc').orderBy('id', 'desc').limit(limit)
  const rest =
    after &&
    select.where(sql<boolean>`(created_at, id) < (${fromMicroseconds(after.microseconds)}, ${after.key}::uuid)`)
  return execute(db, 'listShownAgents', rest ?? select)
}
