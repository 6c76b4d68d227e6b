// The two tables of calls as Kysely sees them: the sessions, which are the ledger, and the facts about who was there.
import type { ColumnType, Generated } from 'kysely'
import type { EndReason, Status } from '../lifecycle.ts'

type CreatedAt = ColumnType<Date, never, never>
/** Read as an object, written as JSON text. */
export type JsonObject<Value> = ColumnType<Record<string, Value>, string, string>

/** The ledger. A session is open while `charged` is null. */
export interface VoiceSessions {
  /** What the session is called everywhere. */
  room_name: string
  organization_id: string
  /** The key that the session was created with. */
  api_key_id: string
  /** The user of that key: the caller's identity in the room. */
  user_id: string
  agent_id: string
  /** The agent's name and version when the session was created; no version in sessions of before 0005-context. */
  agent_name: string
  agent_version: number | null
  /** The context that the create gave: texts, and whom it named as the one who speaks. Null where it gave none. */
  metadata: JsonObject<string> | null
  user_identifier: string | null
  /** The X-Request-Id of the create; null in sessions of before 0005-context. */
  request_id: string | null
  /** Unique per organization and user; null where none was sent, or where it may begin anew. */
  idempotency_key: string | null
  /** SHA-256 of what was asked for with the key; null without a key, and in sessions of before 0005-context. */
  fingerprint: Buffer | null
  status: Generated<Status>
  /** Whose the session is: whoever takes it over or claims it counts up, and only the newest attempt may change it. */
  attempt: Generated<number>
  /** When the reaper looks at the session; until then it belongs to its request or look. */
  wake_at: Date
  /** LiveKit's id of the room; null until the room is made. */
  room_sid: string | null
  /** The worker that is dispatched into the room. Null in sessions of before 0003-presence; until 0005-context, until activation. */
  worker_name: string | null
  /** How far LiveKit's clock is ahead of PostgreSQL's, as far as the room's making shows it; negative where it is behind. */
  clock_offset_ms: Generated<number>
  /** Since when somebody has been connected without the caller being present; null while nobody is, or a caller is. */
  waiting_since: Date | null
  /** Since when the room has been out of reach although LiveKit names it, or the verdict not to be carried out; or null. */
  lost_since: Date | null
  /** Credits for each started minute. */
  rate: number
  /** The longest call, in minutes of talk; null in sessions of before 0005-context. */
  max_call_minutes: number | null
  /** Credits that were taken from the organization for this session, in whole minutes. */
  held: number
  /** Seconds of talk that were billed; null while open. */
  seconds_billed: number | null
  /** Credits of `held` that were kept; the rest went back. Null while open. */
  charged: number | null
  /** Credits of `charged` that were given back by refunds. */
  refunded: Generated<number>
  created_at: CreatedAt
  /** Why the call ended, and when: no talk is billed after it. Null until that is known; an open session can have a verdict. */
  ended_at: Date | null
  end_reason: EndReason | null
  /** When it was booked; null while open, and in sessions of before 0003-presence. */
  settled_at: Date | null
}

/** The facts: one row for each LiveKit participant. Times are PostgreSQL's, but never before the session or in the future. */
export interface Participants {
  /** LiveKit's id of the participant: a caller who comes back has a new one. */
  sid: string
  room_name: string
  kind: 'caller' | 'agent'
  identity: string
  /** When they connected to LiveKit, and when an event first proved them present; null where nothing told. */
  connected_at: Date | null
  told_at: Date | null
  /** The first look that saw them present, and whether an earlier one had seen somebody connected and not present. */
  shown_at: Date | null
  has_waited: Generated<boolean>
  /** Since when they are present, as it follows from these. */
  joined_at: Date
  /** Null while nobody has told or guessed that they left. */
  left_at: Date | null
  /** When a connection that LiveKit found broken at `left_at` must have broken; null where it was left in another way. */
  broke_at: Date | null
  /** When they were last known to be there. */
  seen_at: Date
}
