// The tables as Kysely sees them; the migrations say what each constraint is. Credits are integers up to 2^53 - 1.
import type { ColumnType, Generated, Insertable, Kysely } from 'kysely'
import type { Events, WebhookDeliveries, WebhookEndpoints } from './event-tables.ts'
import type { JsonObject, Participants, VoiceSessions } from './session-tables.ts'

type CreatedAt = ColumnType<Date, never, never>

interface Organizations {
  id: Generated<string>
  name: string
  /** Free to spend; what open sessions hold is not in it. */
  credits: Generated<number>
  /** The number of open sessions, counted here so that it can be limited in the hold's own statement. */
  open_sessions: Generated<number>
  max_sessions: Generated<number>
  created_at: CreatedAt
  /** Since when its keys are nobody's; null while they count. */
  suspended_at: Date | null
  /** Whether its events are recorded although it has no endpoint. */
  records_events: Generated<boolean>
  /** Since when its events are recorded; null while they are not. */
  events_since: Date | null
  /** Its free credits are low below so many; null where that was told since the last grant. */
  low_at: number | null
  /** When it was last told that the free credits did not suffice for a call; null where it was not since the last grant. */
  depleted_at: Date | null
}

interface ApiKeys {
  id: Generated<string>
  /** SHA-256 of the key; the key itself is kept nowhere. */
  key_hash: Buffer
  /** The first characters of the key, to tell keys apart. */
  prefix: string
  organization_id: string
  /** Whom a caller with this key becomes in the room. */
  user_id: string
  created_at: CreatedAt
  expires_at: Date | null
  revoked_at: Date | null
}

interface Agents {
  id: Generated<string>
  organization_id: string
  name: string
  /** `pipeline`, `realtime` or `text`. */
  architecture: string
  /** Credits for each started minute. */
  credits_per_minute: number
  /** What its owner tells the worker; the service never looks into it. Null where there is none. */
  config: JsonObject<unknown> | null
  /** Counts the agent's changes, from 1. */
  version: Generated<number>
  /** The worker that is dispatched; null for the service's own, LIVEKIT_AGENT_NAME. */
  worker_name: string | null
  /** The longest call, in minutes of talk, where it is shorter than MAX_CALL_MINUTES; null where the agent sets none. */
  max_call_minutes: number | null
  created_at: CreatedAt
  /** A deleted agent stays, because sessions refer to it. */
  deleted_at: Date | null
}

interface CreditGrants {
  /** Chosen by whoever grants, so that a repeat grants nothing more. */
  id: string
  organization_id: string
  /** Credits; negative where some were taken back. */
  amount: number
  /** Who gave them, where that was said. */
  granted_by: string | null
  /** Of a refund: the session whose credits came back, and why. */
  room_name: string | null
  reason: string | null
  created_at: CreatedAt
}

/** When LiveKit's last genuine event came, some seconds more or less: one row, or none where none ever came. */
interface LiveKitEventArrival {
  last_at: Date
}

export interface Tables {
  organizations: Organizations
  api_keys: ApiKeys
  agents: Agents
  credit_grants: CreditGrants
  voice_sessions: VoiceSessions
  participants: Participants
  webhook_arrival: LiveKitEventArrival
  webhook_endpoints: WebhookEndpoints
  events: Events
  webhook_deliveries: WebhookDeliveries
}

export type Db = Kysely<Tables>
export type NewAgent = Insertable<Agents>
/** What of an agent can be changed. What is absent stays; null removes it. */
export type AgentChanges = Partial<
  Pick<NewAgent, 'name' | 'credits_per_minute' | 'config' | 'worker_name' | 'max_call_minutes'>
>
export type NewApiKey = Insertable<ApiKeys>
