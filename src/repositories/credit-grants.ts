// Grants: the only way credits come into being, or, with a negative amount, are taken back.
import { sql } from 'kysely'
import type { Db } from './schema.ts'
import { execute, executeOne } from './statement.ts'

export interface Grant {
  /** Chosen by whoever grants; a repeat with the same id grants nothing more. */
  id: string
  organization_id: string
  /** Credits, not 0. A negative amount raises a CHECK violation (23514) where it would leave less than none. */
  amount: number
}

/**
 * Adds the credits once per grant id: true when it did, false when that grant was already there. Undefined when the id
 * belongs to a grant of another amount or organization.
 */
export async function grantCredits(db: Db, grant: Grant): Promise<boolean | undefined> {
  const insert = sql`
    WITH g AS (
      INSERT INTO credit_grants (id, organization_id, amount)
      VALUES (${grant.id}, ${grant.organization_id}, ${grant.amount})
      ON CONFLICT (id) DO NOTHING RETURNING organization_id, amount
    )
    UPDATE organizations o SET credits = o.credits + g.amount FROM g WHERE o.id = g.organization_id RETURNING 1`
  if ((await execute(db, 'grantCredits', insert)).length === 1) return true
  const select = db.selectFrom('credit_grants').select(['organization_id', 'amount']).where('id', '=', grant.id)
  const existing = await executeOne(db, 'grantCredits', select)
  const isSame = existing.organization_id === grant.organization_id && existing.amount === grant.amount
  return isSame ? false : undefined
}
