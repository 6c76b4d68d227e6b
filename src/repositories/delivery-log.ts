// Deliveries as the operator reads them: what became of each event at an endpoint.
import { type SelectQueryBuilder, sql } from 'kysely'
import type { WebhookDeliveries } from './event-tables.ts'
import type { Db, Tables } from './schema.ts'
import { execute, time } from './statement.ts'

/** `pending`: it is tried again at `next_at`; while its endpoint is disabled it waits, and there is no such time. */
export type DeliveryStatus = 'pending' | 'delivered' | 'given_up'

const moment = <Column extends string & keyof WebhookDeliveries>(column: Column) => time<Date | null>(`d.${column}`)

type Shown = Tables & { d: WebhookDeliveries; e: Tables['events']; w: Tables['webhook_endpoints'] }

/** Of a delivery `d` to the endpoint `w`: not before the time until which that asked to be left alone. */
export const nextAt = sql`CASE WHEN d.wake_at IS NOT NULL AND w.disabled_at IS NULL THEN GREATEST(d.wake_at, w.paused_until) END`

const shown = <Selected>(deliveries: SelectQueryBuilder<Shown, 'd' | 'e' | 'w', Selected>) =>
  deliveries
    .select(['d.event_id', 'e.type', 'e.room_name', time('e.created_at').as('created_at')])
    .select(
      sql<DeliveryStatus>`CASE WHEN d.delivered_at IS NOT NULL THEN 'delivered'
        WHEN d.given_up_at IS NOT NULL THEN 'given_up' ELSE 'pending' END`.as('status'),
    )
    .select(['d.tries', moment('tried_at').as('tried_at'), 'd.answer_status', 'd.failure'])
    .select([
      time<Date | null>(nextAt).as('next_at'),
      moment('delivered_at').as('delivered_at'),
      moment('given_up_at').as('given_up_at'),
    ])

const isIn = {
  pending: sql<boolean>`d.wake_at IS NOT NULL`,
  delivered: sql<boolean>`d.delivered_at IS NOT NULL`,
  given_up: sql<boolean>`d.given_up_at IS NOT NULL`,
}

/** So many of the endpoint's deliveries, those of the newest events first. */
export async function listDeliveries(
  db: Db,
  { id, organization_id }: { id: string; organization_id: string },
  { status, limit }: { status?: DeliveryStatus | undefined; limit: number },
) {
  const select = db
    .selectFrom('events as e')
    .innerJoin('webhook_deliveries as d', 'd.event_id', 'e.id')
    .innerJoin('webhook_endpoints as w', 'w.id', 'd.endpoint_id')
    .$call(shown)
    .where('e.organization_id', '=', organization_id)
    .where('d.endpoint_id', '=', id)
    .$if(status !== undefined, (all) => all.where(isIn[status as DeliveryStatus]))
    .orderBy('e.created_at', 'desc')
    .orderBy('e.id', 'desc')
    .limit(limit)
  return execute(db, 'listDeliveries', select)
}
