// Organizations: who pays. `credits` is what is free to spend; what open sessions hold is not in it.
import { sql } from 'kysely'
import type { Db } from './schema.ts'
import { execute, executeFirst, executeOne, time } from './statement.ts'

const shown = [
  ...(['id', 'name', 'credits', 'open_sessions', 'max_sessions', 'records_events'] as const),
  time('created_at').as('created_at'),
  time<Date | null>('suspended_at').as('suspended_at'),
] as const

/** The new organization, without credits: opening credits are a grant like any other. */
export async function createOrganization(db: Db, organization: { name: string; max_sessions?: number | undefined }) {
  const insert = db.insertInto('organizations').values(organization).returning(shown)
  return executeOne(db, 'createOrganization', insert)
}

export interface OrganizationChanges {
  name?: string
  max_sessions?: number
  /** To be followed by what follows from it: see `changeRecording`. */
  records_events?: boolean
}

/** The organization with these changes, at least one; undefined where there is none. */
export async function updateOrganization(db: Db, id: string, changes: OrganizationChanges) {
  const update = db.updateTable('organizations').set(changes).where('id', '=', id).returning(shown)
  return executeFirst(db, 'updateOrganization', update)
}

/** The organization, suspended now or already before; undefined where there is none. */
export async function suspendOrganization(db: Db, id: string) {
  const suspension = { suspended_at: sql<Date>`COALESCE(suspended_at, now())` }
  const update = db.updateTable('organizations').set(suspension).where('id', '=', id).returning(shown)
  return executeFirst(db, 'suspendOrganization', update)
}

/** The organization, no longer suspended; undefined where there is none. */
export async function resumeOrganization(db: Db, id: string) {
  const update = db.updateTable('organizations').set({ suspended_at: null }).where('id', '=', id).returning(shown)
  return executeFirst(db, 'resumeOrganization', update)
}

export async function listOrganizations(db: Db) {
  const select = db.selectFrom('organizations').select(shown).orderBy('organizations.created_at').orderBy('id')
  return execute(db, 'listOrganizations', select)
}

export async function findOrganization(db: Db, id: string) {
  const select = db.selectFrom('organizations').select(shown).where('id', '=', id)
  return executeFirst(db, 'findOrganization', select)
}

export interface Credits {
  /** What the organization can spend. */
  available: number
  /** What its open sessions hold. */
  held: number
  /** The number of its open sessions, and how many there may be. */
  open_sessions: number
  max_sessions: number
}

/** The credits of an organization that is there, and the sessions that hold them. */
export async function findCredits(db: Db, id: string): Promise<Credits> {
  const select = sql<Credits>`
    SELECT o.credits AS available, COALESCE((
      SELECT sum(held) FROM voice_sessions v WHERE v.organization_id = o.id AND v.charged IS NULL), 0)::bigint AS held,
      o.open_sessions, o.max_sessions
    FROM organizations o WHERE o.id = ${id}`
  return executeOne(db, 'findCredits', select)
}
