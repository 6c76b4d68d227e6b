// The tables as Kysely sees them; the migrations say what each constraint is. Credits are integers up to 2^53 - 1.
import type { ColumnType, Generated, Insertable, Kysely } from 'kysely'

type CreatedAt = ColumnType<Date, never, never>

interface Organizations {
  id: Generated<string>
  name: string
  credits: Generated<number>
  open_sessions: Generated<number>
  max_sessions: Generated<number>
  created_at: CreatedAt
}

interface ApiKeys {
  id: Generated<string>
  key_hash: Buffer
  prefix: string
  organization_id: string
  user_id: string
  created_at: CreatedAt
  expires_at: Date | null
  revoked_at: Date | null
}

interface Agents {
  id: Generated<string>
  organization_id: string
  name: string
  architecture: string
  credits_per_minute: number
  created_at: CreatedAt
  deleted_at: Date | null
}

interface CreditGrants {
  id: string
  organization_id: string
  amount: number
  created_at: CreatedAt
}

interface VoiceSessions {
  room_name: string
  organization_id: string
  api_key_id: string
  user_id: string
  agent_id: string
  agent_name: string
  idempotency_key: string | null
  status: Generated<'creating' | 'active' | 'ended'>
  attempt: Generated<number>
  wake_at: Date
  room_sid: string | null
  lost_since: Date | null
  rate: number
  held: number
  seconds_billed: number | null
  charged: number | null
  created_at: CreatedAt
  ended_at: Date | null
  end_reason: string | null
}

interface Participants {
  sid: string
  room_name: string
  kind: 'caller' | 'agent'
  identity: string
  joined_at: Date
  left_at: Date | null
  seen_at: Date
}

export interface Tables {
  organizations: Organizations
  api_keys: ApiKeys
  agents: Agents
  credit_grants: CreditGrants
  voice_sessions: VoiceSessions
  participants: Participants
}

export type Db = Kysely<Tables>
export type NewAgent = Insertable<Agents>
export type NewApiKey = Insertable<ApiKeys>
