// A session's history, in order, from all that is stored of it.
import type * as history from '../repositories/session-history.ts'
import type { findWholeSession } from '../repositories/whole-session.ts'

type Rows<Ask extends (...args: never[]) => Promise<unknown>> = NonNullable<Awaited<ReturnType<Ask>>>
type Whole = Rows<typeof findWholeSession>

interface Step {
  at: Date
  what: string
  [detail: string]: unknown
}

/** What happened at a moment, or nothing where there is none. */
const step = (at: Date | null, what: string, details: object): Step[] => (at ? [{ at, what, ...details }] : [])

function created(session: Whole): Step[] {
  const { created_at, request_id, api_key_id, user_id, user_identifier, idempotency_key } = session
  const { agent_id, agent_name, agent_version, worker_name, rate, max_call_minutes } = session
  const agent = { agent_id, agent_name, agent_version, worker_name, rate, max_call_minutes }
  return step(created_at, 'created', { request_id, api_key_id, user_id, user_identifier, idempotency_key, ...agent })
}

const presence = ({ participants }: Whole): Step[] =>
  participants.flatMap(({ sid, kind, identity, ...fact }) => [
    ...step(fact.connected_at, `${kind}_connected`, { sid, identity }),
    ...step(fact.joined_at, `${kind}_joined`, { sid, told_at: fact.told_at, shown_at: fact.shown_at }),
    ...step(fact.left_at, `${kind}_left`, { sid, broke_at: fact.broke_at }),
  ])

function ending(session: Whole): Step[] {
  const { ended_at, end_reason, settled_at, seconds_billed, held, charged, attempt, wake_at } = session
  const next = charged === null ? wake_at : null
  return [
    ...step(ended_at, 'verdict', { end_reason }),
    ...step(settled_at, 'settled', { seconds_billed, held, charged, returned: held - Number(charged) }),
    ...step(next, 'next_look', { attempt, held }),
  ]
}

const refunds = (rows: Rows<typeof history.listRefunds>): Step[] =>
  rows.flatMap(({ created_at, ...refund }) => step(created_at, 'refunded', refund))

const events = (rows: Rows<typeof history.listEventsOf>): Step[] =>
  rows.flatMap(({ created_at, id, type }) => step(created_at, 'event', { event_id: id, type }))

/** The last attempt of each; where none was made yet, when it was to be delivered. */
function deliveries(rows: Rows<typeof history.listDeliveriesOf>): Step[] {
  return rows.flatMap(({ created_at, tried_at, delivered_at, given_up_at, disabled_at, ...delivery }) => {
    const open = disabled_at ? 'delivery_waits_for_disabled_endpoint' : 'delivery_pending'
    const what = delivered_at ? 'delivered' : given_up_at ? 'delivery_given_up' : open
    return step(tried_at ?? created_at, what, delivery)
  })
}

/** The steps, the oldest first; of one moment, in the order in which one follows from the other. */
export function historyOf(
  session: Whole,
  of: {
    refunds: Rows<typeof history.listRefunds>
    events: Rows<typeof history.listEventsOf>
    deliveries: Rows<typeof history.listDeliveriesOf>
  },
): Step[] {
  const steps = [created(session), presence(session), ending(session), refunds(of.refunds), events(of.events)]
  return [...steps.flat(), ...deliveries(of.deliveries)].sort((a, b) => a.at.getTime() - b.at.getTime())
}
