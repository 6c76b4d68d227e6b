// What is done next about an open call: every sentence is a situation, as the facts have it, and the step that follows.
import t from 'tap'
import {
  type EndReason,
  type Limits,
  type Look,
  nextStep,
  phaseOf,
  type Situation,
  type Step,
} from '../src/lifecycle.ts'

const limits: Limits = { holdMinutes: 5, maxCallMinutes: 60, agentJoinSeconds: 15 }
const slow = { agentJoinSeconds: 40 }
const now = new Date('2030-01-01T12:00:00Z')
const at = (seconds: number) => new Date(now.getTime() + seconds * 1000)
const ago = (seconds: number) => at(-seconds)

const wakeIn = (seconds: number): Step => ({ do: 'wake', at: at(seconds) })
const extend = (credits: number, seconds: number): Step => ({ do: 'extend', credits, at: at(seconds) })
/** A verdict that names the agent is not given where an agent has come since the look. */
const end = (reason: EndReason, absent: 'caller' | 'agent' | null = reason.startsWith('agent_') ? 'agent' : null) =>
  ({ do: 'end', reason, absent }) as Step

/** A session nobody has joined yet, created a minute ago, at 10 credits a minute; one minute is held, 1,000 credits are free. */
const empty: Situation = {
  now,
  created_at: ago(60),
  rate: 10,
  held: 10,
  credits: 1000,
  talk_seconds: 0,
  caller_since: null,
  agent_present: false,
  agent_left_at: null,
  has_facts: false,
  caller_known: false,
  waiting_since: null,
  webhooks_arrive: true,
}
/** The caller waits, and there never was an agent. */
const waiting = { ...empty, caller_since: ago(15), has_facts: true, caller_known: true }
/** Both are there, and have talked for ten seconds. */
const talking = { ...waiting, agent_present: true, talk_seconds: 10 }
/** The agent left after that. */
const left = { ...talking, agent_present: false, agent_left_at: ago(15) }
/** Nobody but the agent is there. */
const deserted = { ...talking, caller_since: null }
/** The agent is there, and somebody who is connected but not present. */
const connected = { ...deserted, caller_known: false, talk_seconds: 0 }

type Row = [sentence: string, situation: Situation, look: Look, step: Step, changes?: Partial<Limits>]

const rows: Row[] = [
  ['an agent has 15 s to come, and the next look is then', { ...empty, created_at: ago(5) }, 'nobody', wakeIn(10)],
  ['nobody has come for 15 s: no agent will', { ...empty, created_at: ago(15) }, 'nobody', end('agent_unavailable')],
  ['a longer wait for the first agent is watched', { ...empty, created_at: ago(20) }, 'nobody', wakeIn(15), slow],
  ['and ends when it is over', { ...empty, created_at: ago(30) }, 'nobody', wakeIn(10), slow],
  ['nobody is known of, but LiveKit cannot be asked', empty, 'outage', wakeIn(15)],
  ['somebody is there who is neither caller nor agent', empty, 'somebody', end('agent_unavailable')],

  ['a caller who is alone is given 15 s', { ...waiting, caller_since: ago(11) }, 'somebody', wakeIn(4)],
  ['a caller who was alone for 15 s is released', waiting, 'somebody', end('agent_unavailable')],
  ['a longer wait is watched', waiting, 'somebody', wakeIn(15), { agentJoinSeconds: 60 }],
  ['a longer wait ends, too', waiting, 'somebody', end('agent_unavailable'), { agentJoinSeconds: 14 }],
  ['nobody is released while LiveKit cannot be asked', waiting, 'outage', wakeIn(15)],
  ['nobody is released while LiveKit names nobody', waiting, 'nobody', wakeIn(15)],

  ['an agent that left has 15 s to return', { ...left, agent_left_at: ago(1) }, 'somebody', wakeIn(14)],
  ['an agent that has left does not return', left, 'somebody', end('agent_left')],
  ['the wait counts from when the last agent left', { ...left, caller_since: ago(1) }, 'somebody', end('agent_left')],
  ['an agent that left may return while LiveKit cannot be asked', left, 'outage', wakeIn(15)],

  ['a caller who left may return', deserted, 'somebody', wakeIn(15)],
  ['a caller who left may return, LiveKit reachable or not', deserted, 'outage', wakeIn(15)],
  ['the caller has left and the agent, too', { ...left, caller_since: null }, 'somebody', wakeIn(15)],
  ['nobody saw them leave, but nobody is there', talking, 'nobody', wakeIn(15)],

  ['who is connected has 75 s to be present', { ...connected, waiting_since: ago(70) }, 'somebody', wakeIn(5)],
  ['and is watched meanwhile', { ...connected, waiting_since: ago(20) }, 'somebody', wakeIn(15)],
  [
    'who is connected and never present has not joined',
    { ...connected, waiting_since: ago(75) },
    'somebody',
    end('caller_never_joined', 'caller'),
  ],
  [
    'who is connected and not present any more has left',
    { ...connected, caller_known: true, waiting_since: ago(75) },
    'somebody',
    end('caller_left', 'caller'),
  ],
  ['nobody is sent away in an outage', { ...connected, waiting_since: ago(75) }, 'outage', wakeIn(15)],
  ['nobody who has gone is sent away', { ...connected, waiting_since: ago(75) }, 'nobody', wakeIn(15)],
  ['who publishes too much is sent away', talking, 'too_large', end('track_too_large')],

  [
    'a caller who steps out when the held time is over does not get more for nothing',
    { ...deserted, credits: 9, talk_seconds: 60 },
    'somebody',
    end('credits_exhausted'),
  ],
  [
    'nor does an agent',
    { ...left, agent_left_at: ago(1), credits: 9, talk_seconds: 60 },
    'somebody',
    end('credits_exhausted'),
  ],
  ['what a caller who may return needs is held', { ...deserted, talk_seconds: 41 }, 'somebody', extend(50, 15)],
  ['and not before', { ...deserted, talk_seconds: 39 }, 'somebody', wakeIn(15)],
  ['at the longest call it ends', { ...deserted, held: 600, talk_seconds: 3600 }, 'somebody', end('max_duration')],
  [
    'an absent caller’s held time goes on in an outage',
    { ...deserted, credits: 9, talk_seconds: 60 },
    'outage',
    wakeIn(15),
  ],

  ['at the first look more is held', talking, 'somebody', extend(50, 60)],
  ['at the first look more is held, LiveKit reachable or not', talking, 'outage', extend(50, 15)],
  ['the hold grows with the started minutes', { ...talking, held: 60, talk_seconds: 256 }, 'somebody', extend(40, 60)],
  ['the hold is not touched while it is long', { ...talking, held: 60, talk_seconds: 254 }, 'somebody', wakeIn(60)],
  ['a long hold is watched in an outage', { ...talking, held: 60, talk_seconds: 254 }, 'outage', wakeIn(15)],
  ['more is held as ever while no webhook comes', { ...talking, webhooks_arrive: false }, 'somebody', extend(50, 15)],
  [
    'a long hold is watched while no webhook comes',
    { ...talking, held: 60, talk_seconds: 254, webhooks_arrive: false },
    'somebody',
    wakeIn(15),
  ],
  [
    'the end of what is held is met exactly, webhooks or not',
    { ...talking, credits: 9, talk_seconds: 57, webhooks_arrive: false },
    'somebody',
    wakeIn(3),
  ],
  [
    'a longest call is over, webhooks or not',
    { ...talking, held: 600, talk_seconds: 3600, webhooks_arrive: false },
    'somebody',
    end('max_duration'),
  ],
  ['only what is free is held', { ...talking, credits: 29 }, 'somebody', extend(20, 60)],
  ['less than a minute is not held', { ...talking, credits: 9 }, 'somebody', wakeIn(50)],
  [
    'the next look is no later than the end of what is held',
    { ...talking, credits: 9, talk_seconds: 57 },
    'somebody',
    wakeIn(3),
  ],
  ['the longest call bounds the hold', talking, 'somebody', extend(20, 60), { maxCallMinutes: 3 }],
  ['one minute may be the longest call', talking, 'somebody', wakeIn(50), { maxCallMinutes: 1 }],
  [
    'a lowered bound takes nothing back',
    { ...talking, held: 50, talk_seconds: 200 },
    'somebody',
    wakeIn(60),
    { maxCallMinutes: 3 },
  ],

  [
    'what was held is talked and no credits are left',
    { ...talking, credits: 9, talk_seconds: 60 },
    'somebody',
    end('credits_exhausted'),
  ],
  [
    'an exhausted call goes on while LiveKit cannot be asked',
    { ...talking, credits: 9, talk_seconds: 75 },
    'outage',
    wakeIn(15),
  ],
  ['credits came just in time', { ...talking, credits: 10, talk_seconds: 60 }, 'somebody', extend(10, 60)],
  [
    'credits came late: the time without them is held as well',
    { ...talking, talk_seconds: 130 },
    'somebody',
    extend(70, 60),
  ],
  ['the longest call is over', { ...talking, held: 600, talk_seconds: 3600 }, 'somebody', end('max_duration')],
  [
    'the longest call is over, and the credits',
    { ...talking, held: 600, talk_seconds: 3600, credits: 0 },
    'somebody',
    end('max_duration'),
  ],
]

for (const [sentence, situation, look, step, changes] of rows) {
  t.test(`${sentence}: ${step.do}`, async (t) => {
    t.same(nextStep(situation, look, { ...limits, ...changes }), step)
  })
}

t.test(
  'whatever the situation: no look is put off into the past, and nothing is held beyond the credits or the longest call',
  async (t) => {
    for (const talk_seconds of [0, 1, 59, 60, 61, 239, 240, 300, 301, 3600, 4000])
      for (const minutes of [1, 2, 5, 6, 60])
        for (const credits of [0, 9, 10, 55, 1000])
          for (const look of ['somebody', 'nobody', 'outage'] as const) {
            const situation = { ...talking, talk_seconds, credits, held: minutes * 10 }
            const step = nextStep(situation, look, limits)
            const told = JSON.stringify({ situation, look, step })
            if (step.do === 'wake' && step.at <= now) t.fail(`in the past: ${told}`)
            if (step.do !== 'extend') continue
            if (step.credits <= 0 || step.credits > credits) t.fail(`more than there is: ${told}`)
            if (step.credits % 10 !== 0) t.fail(`not whole minutes: ${told}`)
            if (situation.held + step.credits > limits.maxCallMinutes * 10) t.fail(`beyond the longest call: ${told}`)
          }
  },
)

t.test('an open session with a verdict is ending, whatever its status', async (t) => {
  t.equal(phaseOf({ status: 'creating', end_reason: null }), 'creating')
  t.equal(phaseOf({ status: 'active', end_reason: null }), 'active')
  t.equal(phaseOf({ status: 'creating', end_reason: 'ended_by_api' }), 'ending')
  t.equal(phaseOf({ status: 'active', end_reason: 'agent_left' }), 'ending')
  t.equal(phaseOf({ status: 'ended', end_reason: 'agent_left' }), 'ended')
})
