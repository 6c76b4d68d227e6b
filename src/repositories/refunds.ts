// Refunds: credits that an ended session was charged come back, as grants that are tied to it.
import { sql } from 'kysely'
import { hasTooMany, lockOrganization, TooManyCredits } from './credit-grants.ts'
import { inTransaction } from './repeats.ts'
import type { Db } from './schema.ts'
import { execute, executeFirst, executeOne } from './statement.ts'

export interface Refund {
  /** Chosen by whoever refunds; a repeat with the same id refunds nothing more. */
  id: string
  room_name: string
  /** Credits, above 0. */
  amount: number
  reason: string
  /** Who gives them, where that is said. */
  granted_by?: string | undefined
}

/**
 * Whether the credits came back now; `repeated` where they had under this id, `conflict` where the id belongs to another refund or
 * a grant. A session that is still open is not charged yet, and no more comes back than what it was charged less what was refunded
 * before.
 */
export type Refunded =
  | { outcome: 'refunded' | 'repeated' | 'conflict' | 'no_session' | 'open' }
  | ({ outcome: 'too_much' } & Charged)

interface Charged {
  charged: number
  refunded: number
}

interface Known {
  room_name: string | null
  amount: number
  reason: string | null
}

async function findKnown(db: Db, { id, room_name, amount, reason }: Refund) {
  const select = db.selectFrom('credit_grants').select(['room_name', 'amount', 'reason']).where('id', '=', id)
  const known: Known | undefined = await executeFirst(db, 'findKnown', select)
  if (!known) return undefined
  const isSame = known.room_name === room_name && known.amount === amount && known.reason === reason
  return { outcome: isSame ? 'repeated' : 'conflict' } as const
}

/** What a session was charged, and what of it came back; undefined while it is open. The row is locked. */
async function lockCharged(db: Db, roomName: string): Promise<Charged | undefined> {
  const select = db
    .selectFrom('voice_sessions')
    .select(['charged', 'refunded'])
    .where('room_name', '=', roomName)
    .forNoKeyUpdate()
  const { charged, refunded } = await executeOne(db, 'lockCharged', select)
  return charged === null ? undefined : { charged, refunded }
}

/**
 * Refunds, or says why not. A transaction that locks the organization, then the session. When credits are low, and whether that was
 * told, is as before. TooManyCredits as with `grantCredits`.
 */
export async function refundCredits(db: Db, refund: Refund): Promise<Refunded> {
  if (!db.isTransaction) return inTransaction(db, (transaction) => refundCredits(transaction, refund))
  const { id, room_name, amount, reason, granted_by = null } = refund
  const owner = db.selectFrom('voice_sessions').select('organization_id').where('room_name', '=', room_name)
  const session = await executeFirst(db, 'refundCredits', owner)
  if (!session) return { outcome: 'no_session' }
  const { organization_id } = session
  await lockOrganization(db, organization_id)
  const known = await findKnown(db, refund)
  if (known) return known
  const amounts = await lockCharged(db, room_name)
  if (!amounts) return { outcome: 'open' }
  const { charged, refunded } = amounts
  if (amount > charged - refunded) return { outcome: 'too_much', charged, refunded }
  const insert = sql<{ total: number }>`
    WITH g AS (
      INSERT INTO credit_grants (id, organization_id, amount, granted_by, room_name, reason)
      VALUES (${id}, ${organization_id}, ${amount}, ${granted_by}, ${room_name}, ${reason})
      ON CONFLICT (id) DO NOTHING RETURNING organization_id, amount, room_name
    ),
    s AS (
      UPDATE voice_sessions v SET refunded = v.refunded + g.amount FROM g WHERE v.room_name = g.room_name
    )
    UPDATE organizations o SET credits = o.credits + g.amount FROM g WHERE o.id = g.organization_id
    RETURNING o.credits + (
      SELECT COALESCE(sum(held), 0) FROM voice_sessions v WHERE v.organization_id = o.id AND v.charged IS NULL
    ) AS total`
  const [granted] = await execute(db, 'refundCredits', insert)
  // Another organization's grant of the same id was first.
  if (!granted) return { outcome: 'conflict' }
  if (hasTooMany(granted)) throw new TooManyCredits()
  return { outcome: 'refunded' }
}
