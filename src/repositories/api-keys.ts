// API keys. Only their SHA-256 is stored. A key that was revoked or has expired is nobody's from the next request on; so is each key
// of an organization that is suspended, until it is resumed.
import { sql } from 'kysely'
import { batched } from './batched.ts'
import type { Db, NewApiKey } from './schema.ts'
import { execute, executeFirst, executeOne, time } from './statement.ts'

/** Who calls: the key, the organization that pays, and the user that the caller becomes in the room. */
export interface Caller {
  api_key_id: string
  organization_id: string
  user_id: string
}

const shown = [
  ...(['id', 'prefix', 'organization_id', 'user_id'] as const),
  time('created_at').as('created_at'),
  time<Date | null>('expires_at').as('expires_at'),
  time<Date | null>('revoked_at').as('revoked_at'),
] as const

/** Whose key has this hash; undefined where it is nobody's. */
export const findCaller = batched<{ key_hash: Buffer }, Caller>(
  'findCaller',
  { key_hash: 'bytea' },
  (input) => sql`
    SELECT n, k.id AS api_key_id, organization_id, user_id
    FROM ${input} JOIN api_keys k USING (key_hash) JOIN organizations o ON o.id = organization_id
    WHERE suspended_at IS NULL AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
)

export async function createApiKey(db: Db, key: NewApiKey) {
  return executeOne(db, 'createApiKey', db.insertInto('api_keys').values(key).returning(shown))
}

export async function listApiKeys(db: Db, organizationId: string) {
  const select = db.selectFrom('api_keys').select(shown).where('organization_id', '=', organizationId)
  return execute(db, 'listApiKeys', select.orderBy('api_keys.created_at').orderBy('id'))
}

/** The key, revoked now or already before; undefined where there is none. */
export async function revokeApiKey(db: Db, id: string) {
  const revocation = { revoked_at: sql<Date>`COALESCE(revoked_at, now())` }
  const update = db.updateTable('api_keys').set(revocation).where('id', '=', id).returning(shown)
  return executeFirst(db, 'revokeApiKey', update)
}
