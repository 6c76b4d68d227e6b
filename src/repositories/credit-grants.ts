// Grants: the only way credits come into being, or, with a negative amount, are taken back.
import { sql } from 'kysely'
import { inTransaction } from './repeats.ts'
import type { Db } from './schema.ts'
import { execute, executeFirst, executeOne } from './statement.ts'

export interface Grant {
  /** Chosen by whoever grants; a repeat with the same id grants nothing more. */
  id: string
  organization_id: string
  /** Credits, not 0. A negative amount raises a CHECK violation (23514) where it would leave less than none. */
  amount: number
}

/** After the grant the organization would have more than can be counted. */
export class TooManyCredits extends Error {}

/** What an organization may have, free and held together: what is held comes back to what is free. */
const maxCredits = Number.MAX_SAFE_INTEGER

/**
 * Adds the credits once per grant id: true when it did, false when that grant was already there. Undefined when the id
 * belongs to a grant of another amount or organization. TooManyCredits where it would have more, free and held together,
 * than can be counted. A transaction, because nothing may be held or settled between its two statements.
 */
export async function grantCredits(db: Db, grant: Grant): Promise<boolean | undefined> {
  if (!db.isTransaction) return inTransaction(db, (transaction) => grantCredits(transaction, grant))
  const { id, organization_id, amount } = grant
  const lock = db.selectFrom('organizations').select('id').where('id', '=', organization_id).forNoKeyUpdate()
  await execute(db, 'grantCredits', lock)
  const insert = sql<{ total: number }>`
    WITH g AS (
      INSERT INTO credit_grants (id, organization_id, amount) VALUES (${id}, ${organization_id}, ${amount})
      ON CONFLICT (id) DO NOTHING RETURNING organization_id, amount
    )
    UPDATE organizations o SET credits = o.credits + g.amount FROM g WHERE o.id = g.organization_id
    RETURNING o.credits + COALESCE((
      SELECT sum(held) FROM voice_sessions v WHERE v.organization_id = o.id AND v.charged IS NULL), 0)::bigint AS total`
  const granted = await executeFirst(db, 'grantCredits', insert)
  if (granted && granted.total > maxCredits) throw new TooManyCredits()
  if (granted) return true
  const select = db.selectFrom('credit_grants').select(['organization_id', 'amount']).where('id', '=', id)
  const existing = await executeOne(db, 'grantCredits', select)
  return existing.organization_id === organization_id && existing.amount === amount ? false : undefined
}
