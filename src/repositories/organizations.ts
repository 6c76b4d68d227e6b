// Organizations: who pays. `credits` is what is free to spend; what open sessions hold is not in it.
import { sql } from 'kysely'
import type { Db } from './schema.ts'

const shown = ['id', 'name', 'credits', 'open_sessions', 'max_sessions', 'created_at'] as const

/** The new organization, without credits: opening credits are a grant like any other. */
export async function createOrganization(db: Db, organization: { name: string; max_sessions?: number | undefined }) {
  return db.insertInto('organizations').values(organization).returning(shown).executeTakeFirstOrThrow()
}

/** The organization as it is now; undefined where there is none. */
export async function updateOrganization(db: Db, id: string, changes: { max_sessions: number }) {
  return db.updateTable('organizations').set(changes).where('id', '=', id).returning(shown).executeTakeFirst()
}

export async function listOrganizations(db: Db) {
  return db.selectFrom('organizations').select(shown).orderBy('created_at').orderBy('id').execute()
}

export async function findOrganization(db: Db, id: string) {
  return db.selectFrom('organizations').select(shown).where('id', '=', id).executeTakeFirst()
}

/** What the organization can spend, and what its open sessions hold. */
export async function findCredits(db: Db, id: string): Promise<{ available: number; held: number }> {
  const { rows } = await sql<{ available: number; held: number }>`
    SELECT o.credits AS available, COALESCE((
      SELECT sum(held) FROM voice_sessions v WHERE v.organization_id = o.id AND v.charged IS NULL), 0)::bigint AS held
    FROM organizations o WHERE o.id = ${id}`.execute(db)
  return rows[0] as { available: number; held: number }
}
