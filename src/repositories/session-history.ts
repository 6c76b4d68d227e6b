// What the ledger and the outbox know of one session beside its row: its refunds, its events, and what became of them.
import { nextAt } from './delivery-log.ts'
import type { Db } from './schema.ts'
import { execute, time } from './statement.ts'

/** The refunds of a session. */
export async function listRefunds(db: Db, roomName: string) {
  const select = db
    .selectFrom('credit_grants')
    .select([time('created_at').as('created_at'), 'id', 'amount', 'granted_by', 'reason'])
    .where('room_name', '=', roomName)
  return execute(db, 'listRefunds', select)
}

/** The events of a session that are still kept. */
export async function listEventsOf(db: Db, roomName: string) {
  const select = db
    .selectFrom('events')
    .select([time('created_at').as('created_at'), 'id', 'type'])
    .where('room_name', '=', roomName)
  return execute(db, 'listEventsOf', select.orderBy('type'))
}

/** Where they were sent, with the last attempt of each. */
export async function listDeliveriesOf(db: Db, roomName: string) {
  const select = db
    .selectFrom('events as e')
    .innerJoin('webhook_deliveries as d', 'd.event_id', 'e.id')
    .innerJoin('webhook_endpoints as w', 'w.id', 'd.endpoint_id')
    .select(['d.event_id', 'e.type', 'd.endpoint_id', 'd.tries', 'd.answer_status', 'd.failure'])
    .select([time('e.created_at').as('created_at'), time<Date | null>('d.tried_at').as('tried_at')])
    .select([time<Date | null>('d.delivered_at').as('delivered_at'), time<Date | null>(nextAt).as('next_at')])
    .select([
      time<Date | null>('d.given_up_at').as('given_up_at'),
      time<Date | null>('w.disabled_at').as('disabled_at'),
    ])
    .where('e.room_name', '=', roomName)
  return execute(db, 'listDeliveriesOf', select.orderBy('d.event_id').orderBy('d.endpoint_id'))
}
