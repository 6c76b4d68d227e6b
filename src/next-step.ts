// What is done next about an active call: wait, hold more credits, or end it. The reaper asks after each look.
import type { EndReason } from './lifecycle.ts'
import {
  calmLookSeconds,
  extendBelowSeconds,
  reaperIntervalSeconds,
  waitingSeconds,
  watchfulLookSeconds,
} from './timings.ts'

export interface Limits {
  /** How far ahead of the talk credits are held. */
  holdMinutes: number
  /** The longest call, in minutes of talk, where the session has no limit of its own. */
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
  /** The session's own limit; null where it was created before sessions had one. */
  max_call_minutes: number | null
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
  /** False where LiveKit has sent no event lately, to any replica: then only looks tell. */
  livekit_events_arrive: boolean
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
  const { now, rate, held, credits, talk_seconds, livekit_events_arrive } = situation
  const maxMinutes = situation.max_call_minutes ?? limits.maxCallMinutes
  const heldMinutes = held / rate
  const leftSeconds = heldMinutes * 60 - talk_seconds
  const wantedMinutes = Math.min(Math.max(1, Math.ceil(talk_seconds / 60)) + limits.holdMinutes, maxMinutes)
  const affordableMinutes = Math.floor(credits / rate)
  const isShort = leftSeconds <= (isTalking ? extendBelowSeconds : watchfulLookSeconds + reaperIntervalSeconds)
  const more = isShort ? Math.max(0, Math.min(wantedMinutes - heldMinutes, affordableMinutes)) : 0
  const longest = look === 'outage' || !livekit_events_arrive ? watchfulLookSeconds : calmLookSeconds
  const at = after(now, Math.min(longest, leftSeconds + more * 60))
  if (more > 0) return { do: 'extend', credits: more * rate, at }
  if (leftSeconds > 0) return { do: 'wake', at }
  if (look === 'outage') return { do: 'wake', at: after(now, watchfulLookSeconds) }
  return end(heldMinutes >= maxMinutes ? 'max_duration' : 'credits_exhausted')
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
