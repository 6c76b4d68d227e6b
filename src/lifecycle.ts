// The life of a session: creating → active → ending → ended. docs/design.md draws it, with who moves it on, and when.
//
//   creating   the request holds one minute's credits, has LiveKit make the room, then activates the session. If the request
//              dies, the session is found when its lease (`wake_at`) runs out, and settled as create_abandoned.
//   active     the reaper looks at the session whenever `wake_at` has come. What LiveKit says, in events and lists, is written
//              down first, as facts: who was in the room from when to when. Then `nextStep`, below, decides from the facts
//              alone: wait, hold more credits, or end the call for a reason.
//   ending     the verdict is named: why and until when. Billing has stopped. The room is deleted, then the session settled;
//              if whoever named the verdict dies, the next look carries it out.
//   ended      settled once, by whoever comes first: the started minutes in which caller and agent were both in the room are
//              charged, the rest of what was held comes back.
//
// Rooms that LiveKit no longer has, or still has without reason, are found by the sweep.

import {
  calmLookSeconds,
  extendBelowSeconds,
  reaperIntervalSeconds,
  waitingSeconds,
  watchfulLookSeconds,
} from './timings.ts'

/** Why a session ended. The contract has the same words, and says what they mean to callers. */
export type EndReason =
  // Named by LiveKit's event that the room is closed, or by the sweep, which finds it gone.
  | 'caller_left'
  | 'caller_never_joined'
  | 'room_missing'
  // Named by LiveKit's event that everybody had to leave, because somebody who has its key deleted the room.
  | 'ended_by_agent'
  // Named by whoever ends a call: over the API or on the command line.
  | 'ended_by_api'
  // Named by `nextStep`.
  | 'agent_unavailable'
  | 'agent_left'
  | 'credits_exhausted'
  | 'max_duration'
  | 'track_too_large'
  // Of sessions that never became active: LiveKit made no room, or the request died.
  | 'create_failed'
  | 'create_abandoned'

export type Status = 'creating' | 'active' | 'ended'

/** Where a session is in its life. `ending` is derived, and neither stored nor shown: an open session with a verdict. */
export type Phase = Status | 'ending'

export function phaseOf(session: { status: Status; end_reason: EndReason | null }): Phase {
  return session.status !== 'ended' && session.end_reason !== null ? 'ending' : session.status
}

export interface Limits {
  /** How far ahead of the talk credits are held. */
  holdMinutes: number
  /** The longest call, in minutes of talk. */
  maxCallMinutes: number
  /** How long a caller is left without an agent. */
  agentJoinSeconds: number
}

/** An active session as the database has it at `now`; times are the database's. */
export interface Situation {
  now: Date
  created_at: Date
  /** Credits per started minute. */
  rate: number
  /** Credits held for this session: whole minutes. */
  held: number
  /** Credits that the organization has free. */
  credits: number
  /** Seconds in which caller and agent were both in the room, until now. */
  talk_seconds: number
  /** When the caller joined who is in the room now; null where none is. */
  caller_since: Date | null
  agent_present: boolean
  /** When the last agent left, if one ever did. */
  agent_left_at: Date | null
  /** True where anybody was ever in the room. */
  has_facts: boolean
  /** True where a caller was ever present. */
  caller_known: boolean
  /** Since when somebody has been connected while no caller is present; null where nobody is. */
  waiting_since: Date | null
  /** False where LiveKit has sent no webhook lately, to any replica: then only looks tell. */
  webhooks_arrive: boolean
}

/** What LiveKit answered when asked who is in the room: `outage` when it could not, `too_large` where it was too much to read. */
export type Look = 'somebody' | 'nobody' | 'outage' | 'too_large'

/** End the call, unless the one whose absence is the reason has come since the look. */
export interface EndStep {
  do: 'end'
  reason: EndReason
  absent: 'caller' | 'agent' | null
}

interface WakeStep {
  do: 'wake'
  at: Date
}

export type Step =
  | WakeStep
  /** Hold so many credits more and look again at that time. */
  | { do: 'extend'; credits: number; at: Date }
  | EndStep

const end = (reason: EndReason, absent: EndStep['absent'] = null): EndStep => ({ do: 'end', reason, absent })
const after = (time: Date, seconds: number): Date => new Date(time.getTime() + seconds * 1000)
const earlier = (a: Date, b: Date): Date => (a < b ? a : b)

/** What to do next about an active session without a verdict. Pure: the same situation always gives the same step. */
export function nextStep(situation: Situation, look: Look, limits: Limits): Step {
  if (look === 'too_large') return end('track_too_large')
  if (look === 'nobody') return whileApart(situation, look, limits)
  const isTalking = situation.caller_since !== null && situation.agent_present
  // The held time is judged before anybody's absence: who steps out at the moment of a look may be back at the next.
  const step = keepHeld(situation, look, limits, isTalking)
  if (step.do === 'end' || isTalking) return step
  const next = whileApart(situation, look, limits)
  return step.do === 'extend' && next.do === 'wake' ? { ...step, at: next.at } : next
}

/** Looks again when the held time is over, or before; holds more in time; ends the call when there is no more. */
function keepHeld(situation: Situation, look: Look, limits: Limits, isTalking: boolean): Step {
  const { now, rate, held, credits, talk_seconds, webhooks_arrive } = situation
  const heldMinutes = held / rate
  const leftSeconds = heldMinutes * 60 - talk_seconds
  const wantedMinutes = Math.min(Math.max(1, Math.ceil(talk_seconds / 60)) + limits.holdMinutes, limits.maxCallMinutes)
  const affordableMinutes = Math.floor(credits / rate)
  const isShort = leftSeconds <= (isTalking ? extendBelowSeconds : watchfulLookSeconds + reaperIntervalSeconds)
  const more = isShort ? Math.max(0, Math.min(wantedMinutes - heldMinutes, affordableMinutes)) : 0
  const longest = look === 'outage' || !webhooks_arrive ? watchfulLookSeconds : calmLookSeconds
  const at = after(now, Math.min(longest, leftSeconds + more * 60))
  if (more > 0) return { do: 'extend', credits: more * rate, at }
  if (leftSeconds > 0) return { do: 'wake', at }
  if (look === 'outage') return { do: 'wake', at: after(now, watchfulLookSeconds) }
  return end(heldMinutes >= limits.maxCallMinutes ? 'max_duration' : 'credits_exhausted')
}

/** Waits for those who are to come or have left, for as long as each may take. */
function whileApart(situation: Situation, look: Look, limits: Limits): WakeStep | EndStep {
  const { now, created_at, caller_since, agent_left_at, has_facts, caller_known, waiting_since } = situation
  const soon = after(now, watchfulLookSeconds)
  // Nobody is there any more, but nobody was seen to leave: LiveKit is about to say how it ended, or the sweep finds out.
  if (look === 'outage' || (look === 'nobody' && has_facts)) return { do: 'wake', at: soon }
  const until = (time: Date, ended: EndStep): WakeStep | EndStep =>
    time <= now ? ended : { do: 'wake', at: earlier(time, soon) }
  if (!has_facts) return until(after(created_at, limits.agentJoinSeconds), end('agent_unavailable', 'agent'))
  if (caller_since) {
    const reason = agent_left_at ? 'agent_left' : 'agent_unavailable'
    return until(after(agent_left_at ?? caller_since, limits.agentJoinSeconds), end(reason, 'agent'))
  }
  if (!waiting_since || look === 'nobody') return { do: 'wake', at: soon }
  return until(
    after(waiting_since, waitingSeconds),
    end(caller_known ? 'caller_left' : 'caller_never_joined', 'caller'),
  )
}
