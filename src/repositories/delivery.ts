// What becomes of a delivery that was claimed. Like a session, it belongs to whoever claimed it last: the statements name the attempt,
// and whoever was overtaken changes nothing.
import { sql } from 'kysely'
import type { DueDelivery } from './due-deliveries.ts'
import type { Db } from './schema.ts'
import { execute, executeOne } from './statement.ts'

/** A delivery and the attempt that has it. */
export type Claimed = Pick<DueDelivery, 'event_id' | 'endpoint_id' | 'attempt'>

/** In a WHERE: the delivery, while it belongs to the attempt. */
export const ownedBy = ({ event_id, endpoint_id, attempt }: Claimed) =>
  sql`event_id = ${event_id} AND endpoint_id = ${endpoint_id}::uuid AND attempt = ${attempt}::int AND wake_at IS NOT NULL`

/** The receiver has taken it; its endpoint fails no more. False for who was overtaken. */
export async function recordDelivered(db: Db, delivery: Claimed & { url: string }, status: number): Promise<boolean> {
  const update = sql<{ was_recorded: boolean }>`
    WITH delivery AS (
      UPDATE webhook_deliveries SET tries = tries + 1, tried_at = now(), answer_status = ${status}::int, failure = NULL,
             delivered_at = now(), wake_at = NULL
      WHERE ${ownedBy(delivery)} RETURNING endpoint_id
    ),
    endpoint AS (
      UPDATE webhook_endpoints w SET failing_since = NULL FROM delivery d
      WHERE w.id = d.endpoint_id AND w.url = ${delivery.url} AND w.failing_since IS NOT NULL
    )
    SELECT EXISTS (SELECT FROM delivery) AS was_recorded`
  return (await executeOne(db, 'recordDelivered', update)).was_recorded
}

/** Gives a claimed delivery back as if it had not been tried, so that it can be claimed at once. False for who was overtaken. */
export async function handBackDelivery(db: Db, delivery: Claimed): Promise<boolean> {
  const update = sql`UPDATE webhook_deliveries SET wake_at = now() WHERE ${ownedBy(delivery)} RETURNING 1`
  return (await execute(db, 'handBackDelivery', update)).length === 1
}
