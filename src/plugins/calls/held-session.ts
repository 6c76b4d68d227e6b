// What the request that creates a session works with: what is asked for, and the session that holds credits.

/** What is asked for beside the agent; null for what is absent. */
export interface Asked {
  idempotency_key: string | null
  metadata: Record<string, string> | null
  user_identifier: string | null
  request_id: string
  traceparent: string | null
}

interface Session {
  room_name: string
  organization_id: string
  user_id: string
  agent_id: string
  agent_name: string
  created_at: Date
  /** Whose the session is: 1 for the request that opened it, more for one that took it over. */
  attempt: number
  /** False where the session of a replay has ended. */
  is_open: boolean
}

/** An earlier request with the same Idempotency-Key created it: it is not begun again. */
interface Replay extends Session {
  is_replay: true
}

/** Its room is still to be made, with all that its worker is told. */
export interface NewSession extends Session, Pick<Asked, 'metadata' | 'user_identifier' | 'traceparent'> {
  is_replay: false
  /** The X-Request-Id of the create that opened it; null in older sessions. */
  request_id: string | null
  architecture: string
  agent_version: number
  config: Record<string, unknown> | null
  worker_name: string
  max_call_minutes: number
}

export type HeldSession = Replay | NewSession
