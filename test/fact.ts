// Who is in a room, as LiveKit's events and looks write it down.
import { recordFact } from '../src/repositories/facts.ts'
import type { Service } from './helper.ts'

/** The caller or the agent is there; `more` is what else is known. */
export const fact = ({ db, organization }: Service, room_name: string, kind: 'caller' | 'agent', more = {}) =>
  recordFact(db, {
    sid: `PA_${kind}${room_name}`,
    room_name,
    kind,
    identity: organization.userId,
    worker_name: 'voice-agent',
    told_at: new Date(),
    ...more,
  })
