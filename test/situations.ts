// Situations of an open call, as the facts have them, and how the steps that follow are judged.
import t from 'tap'
import type { EndReason } from '../src/lifecycle.ts'
import { type Limits, type Look, nextStep, type Situation, type Step } from '../src/next-step.ts'

export const limits: Limits = { holdMinutes: 5, maxCallMinutes: 60, agentJoinSeconds: 15 }
export const slow = { agentJoinSeconds: 40 }
export const now = new Date('2030-01-01T12:00:00Z')
const at = (seconds: number) => new Date(now.getTime() + seconds * 1000)
export const ago = (seconds: number) => at(-seconds)

export const wakeIn = (seconds: number): Step => ({ do: 'wake', at: at(seconds) })
export const extend = (credits: number, seconds: number): Step => ({ do: 'extend', credits, at: at(seconds) })
/** A verdict that names the agent is not given where an agent has come since the look. */
export const end = (
  reason: EndReason,
  absent: 'caller' | 'agent' | null = reason.startsWith('agent_') ? 'agent' : null,
) => ({ do: 'end', reason, absent }) as Step

/** A session nobody has joined yet, created a minute ago, at 10 credits a minute; one minute is held, 1,000 credits are free. */
export const empty: Situation = {
  now,
  created_at: ago(60),
  rate: 10,
  max_call_minutes: null,
  held: 10,
  credits: 1000,
  talk_seconds: 0,
  caller_since: null,
  agent_present: false,
  agent_left_at: null,
  has_facts: false,
  caller_known: false,
  waiting_since: null,
  livekit_events_arrive: true,
}
/** The caller waits, and there never was an agent. */
export const waiting = { ...empty, caller_since: ago(15), has_facts: true, caller_known: true }
/** Both are there, and have talked for ten seconds. */
export const talking = { ...waiting, agent_present: true, talk_seconds: 10 }
/** The agent left after that. */
export const left = { ...talking, agent_present: false, agent_left_at: ago(15) }
/** Nobody but the agent is there. */
export const deserted = { ...talking, caller_since: null }
/** The agent is there, and somebody who is connected but not present. */
export const connected = { ...deserted, caller_known: false, talk_seconds: 0 }

/** A sentence, the situation that it is about, what the look saw, and the step that follows. */
export type Row = [sentence: string, situation: Situation, look: Look, step: Step, changes?: Partial<Limits>]

export function testSteps(rows: Row[]): void {
  for (const [sentence, situation, look, step, changes] of rows)
    t.test(`${sentence}: ${step.do}`, async (t) => {
      t.same(nextStep(situation, look, { ...limits, ...changes }), step)
    })
}
