// A session as the wire shows it: what does not apply yet, or does not any more, is absent.
import type { Session } from '../repositories/voice-sessions.ts'
import type { VoiceSession } from './openapi.gen.ts'

/** How a session ended, once it has; a verdict that is not carried out yet is not shown. */
function ending({ status, ended_at, end_reason, seconds_billed, held, charged, refunded }: Session) {
  if (status !== 'ended') return { credits_held: held }
  return {
    ...(ended_at && { ended_at: ended_at.toISOString() }),
    ...(end_reason && { end_reason }),
    ...(seconds_billed !== null && { seconds_billed }),
    ...(charged !== null && { credits_charged: charged }),
    ...(refunded > 0 && { credits_refunded: refunded }),
  }
}

/** What the create gave and found: some of it is not kept of older sessions. */
function created({ agent_version, user_identifier, metadata, rate, request_id }: Session) {
  return {
    ...(agent_version !== null && { agent_version }),
    ...(user_identifier !== null && { user_identifier }),
    ...(metadata && { metadata }),
    credits_per_minute: rate,
    ...(request_id !== null && { request_id }),
  }
}

export function toVoiceSession(session: Session): VoiceSession {
  const { room_name, agent_id, agent_name, user_id, status, created_at, caller_joined_at, agent_joined_at } = session
  return {
    room_name,
    agent_id,
    agent_name,
    user_id,
    status,
    created_at: created_at.toISOString(),
    ...(caller_joined_at && { caller_joined_at: caller_joined_at.toISOString() }),
    ...(agent_joined_at && { agent_joined_at: agent_joined_at.toISOString() }),
    ...created(session),
    ...ending(session),
  }
}
