// A session as the wire shows it: what does not apply yet, or does not any more, is absent.
import type { VoiceSession } from './openapi.gen.ts'

/** A session as the repositories read it. */
interface SessionRow {
  room_name: string
  agent_id: string
  agent_name: string
  user_id: string
  status: VoiceSession['status']
  created_at: Date
  caller_joined_at: Date | null
  agent_joined_at: Date | null
  ended_at: Date | null
  end_reason: string | null
  held: number
  charged: number | null
  seconds_billed: number | null
}

const time = (date: Date | null): string | undefined => date?.toISOString()

/** How a session ended, once it has: a verdict that is not carried out yet is not shown. */
function ending({ status, ended_at, end_reason, seconds_billed, held, charged }: SessionRow) {
  if (status !== 'ended') return { credits_held: held }
  return { ended_at: time(ended_at), end_reason, seconds_billed, credits_charged: charged }
}

export function toVoiceSession(row: SessionRow): VoiceSession {
  const { room_name, agent_id, agent_name, user_id, status, created_at, caller_joined_at, agent_joined_at } = row
  const session = {
    room_name,
    agent_id,
    agent_name,
    user_id,
    status,
    created_at: time(created_at),
    caller_joined_at: time(caller_joined_at),
    agent_joined_at: time(agent_joined_at),
    ...ending(row),
  }
  return JSON.parse(JSON.stringify(session))
}
