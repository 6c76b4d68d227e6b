// The invariants of the ledger: the books of each organization balance, which one snapshot shows; so do the refunds of each
// session; and who asked for events is told of every end.
import { sql } from 'kysely'
import type { Db } from './schema.ts'
import { execute, executeOne } from './statement.ts'

export interface Difference {
  organization_id: string
  /** Grants less (credits + held by open sessions + charged by ended ones). */
  credit_difference: number
  /** The counter less the count of sessions that have not ended. */
  open_sessions_difference: number
}

/** The organizations whose books do not balance: none, whatever happened. */
export async function findDifferences(db: Db): Promise<Difference[]> {
  const statement = sql<Difference>`
    WITH granted AS (SELECT organization_id, sum(amount) AS amount FROM credit_grants GROUP BY 1),
    sessions AS (
      SELECT organization_id, sum(COALESCE(charged, held)) AS amount,
             count(*) FILTER (WHERE charged IS NULL) AS open
      FROM voice_sessions GROUP BY 1
    ),
    books AS (
      SELECT o.id AS organization_id,
             (COALESCE(g.amount, 0) - o.credits - COALESCE(s.amount, 0))::bigint AS credit_difference,
             o.open_sessions - COALESCE(s.open, 0) AS open_sessions_difference
      FROM organizations o LEFT JOIN granted g ON g.organization_id = o.id LEFT JOIN sessions s ON s.organization_id = o.id
    )
    SELECT * FROM books WHERE credit_difference <> 0 OR open_sessions_difference <> 0 ORDER BY organization_id`
  return execute(db, 'findDifferences', statement)
}

export interface RefundDifference {
  room_name: string
  /** What the session says was refunded less the grants that are tied to it. */
  refund_difference: number
}

/** The sessions whose refunds do not add up: none, whatever happened. */
export async function findRefundDifferences(db: Db): Promise<RefundDifference[]> {
  const statement = sql<RefundDifference>`
    WITH granted AS (
      SELECT room_name, sum(amount) AS amount FROM credit_grants WHERE room_name IS NOT NULL GROUP BY 1
    ),
    refunded AS (SELECT room_name, refunded AS amount FROM voice_sessions WHERE refunded <> 0)
    SELECT room_name, (COALESCE(r.amount, 0) - COALESCE(g.amount, 0))::bigint AS refund_difference
    FROM refunded r FULL JOIN granted g USING (room_name)
    WHERE COALESCE(r.amount, 0) <> COALESCE(g.amount, 0) ORDER BY room_name`
  return execute(db, 'findRefundDifferences', statement)
}

/** No open session is this much older than the time that is looked at: it would be an alarm long before. */
const longestOpenDays = 7

/**
 * Sessions that were settled within so many seconds, while the events of their organization were recorded, and that have no
 * call.ended: none, whatever happened. It starts from the sessions, and not from what was written about them.
 */
export async function countMissingEvents(db: Db, withinSeconds: number): Promise<number> {
  const select = sql<{ count: number }>`
    SELECT count(*) FROM organizations o JOIN voice_sessions v ON v.organization_id = o.id
    WHERE o.events_since IS NOT NULL AND v.charged IS NOT NULL
      AND v.settled_at > o.events_since AND v.settled_at > now() - ${withinSeconds}::int * interval '1 s'
      AND v.created_at > now() - ${withinSeconds}::int * interval '1 s' - ${longestOpenDays}::int * interval '1 day'
      AND NOT EXISTS (SELECT FROM events e WHERE e.room_name = v.room_name AND e.type = 'call.ended')`
  return (await executeOne(db, 'countMissingEvents', select)).count
}
