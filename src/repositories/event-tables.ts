// The tables of events as Kysely sees them: what happened, whom to tell, and what is on its way.
import type { ColumnType, Generated } from 'kysely'

type CreatedAt = ColumnType<Date, never, never>

/** Where an organization is told of its events. */
export interface WebhookEndpoints {
  id: Generated<string>
  organization_id: string
  url: string
  /** The types that it wants; null for all, also those of later versions. */
  events: string[] | null
  /** What signs; the previous one does, too, until its time is over. */
  secret: string
  previous_secret: string | null
  previous_until: Date | null
  created_at: CreatedAt
  /** Since when no attempt has succeeded; null where the last one did. */
  failing_since: Date | null
  /** When the last attempt failed; null where none did. */
  failed_at: Date | null
  /** Until when nothing is sent to it, as its Retry-After asked; null where it did not. */
  paused_until: Date | null
  /** Nothing is sent to a disabled endpoint: its deliveries wait. */
  disabled_at: Date | null
  disabled_reason: string | null
}

/** What happened, as it is told: the body never changes. Kept for 30 days. */
export interface Events {
  /** `evt_` and 32 hexadecimal digits. */
  id: string
  organization_id: string
  type: string
  /** Of call.*: a session has one event of each type. */
  room_name: string | null
  created_at: CreatedAt
  /** JSON. */
  body: string
}

/** An event on its way to an endpoint. */
export interface WebhookDeliveries {
  event_id: string
  endpoint_id: string
  /** Counts the claims: only the newest may change the delivery. */
  attempt: Generated<number>
  /** How many attempts of the schedule were made; a redelivery begins it anew. */
  tries: Generated<number>
  /** When it is tried next; null once it is delivered or given up. */
  wake_at: Generated<Date | null>
  /** The last attempt: when, what status was answered, or why there was no answer. */
  tried_at: Date | null
  answer_status: number | null
  failure: string | null
  delivered_at: Date | null
  given_up_at: Date | null
  created_at: CreatedAt
}
