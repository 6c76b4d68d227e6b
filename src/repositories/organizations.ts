// Organizations: who pays. `credits` is what is free to spend; what open sessions hold is not in it.
import type { Db } from './schema.ts'

const shown = ['id', 'name', 'credits', 'open_sessions', 'max_sessions', 'created_at'] as const

/** The new organization, without credits: opening credits are a grant like any other. */
export async function createOrganization(db: Db, organization: { name: string; max_sessions?: number | undefined }) {
  return db.insertInto('organizations').values(organization).returning(shown).executeTakeFirstOrThrow()
}

export async function listOrganizations(db: Db) {
  return db.selectFrom('organizations').select(shown).orderBy('created_at').orderBy('id').execute()
}

export async function findOrganization(db: Db, id: string) {
  return db.selectFrom('organizations').select(shown).where('id', '=', id).executeTakeFirst()
}
