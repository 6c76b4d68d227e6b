// What the request that creates a session works with: a session that holds credits.

export interface HeldSession {
  room_name: string
  organization_id: string
  user_id: string
  agent_id: string
  agent_name: string
  created_at: Date
  /** Whose the session is: 1 for the request that opened it, more for one that took it over. */
  attempt: number
  /** True where an earlier request with the same Idempotency-Key created it: it is not begun again. */
  is_replay: boolean
  /** False where the session of a replay has ended. */
  is_open: boolean
}
