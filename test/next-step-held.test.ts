// What is done next about a call whose held time goes by.
import t from 'tap'
import { nextStep } from '../src/next-step.ts'
import { ago, deserted, end, extend, left, limits, now, type Row, talking, testSteps, wakeIn } from './situations.ts'

const rows: Row[] = [
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
  [
    'more is held as ever while LiveKit sends no event',
    { ...talking, livekit_events_arrive: false },
    'somebody',
    extend(50, 15),
  ],
  [
    'a long hold is watched while no event comes',
    { ...talking, held: 60, talk_seconds: 254, livekit_events_arrive: false },
    'somebody',
    wakeIn(15),
  ],
  [
    'the end of what is held is met exactly, events or not',
    { ...talking, credits: 9, talk_seconds: 57, livekit_events_arrive: false },
    'somebody',
    wakeIn(3),
  ],
  [
    'a longest call is over, events or not',
    { ...talking, held: 600, talk_seconds: 3600, livekit_events_arrive: false },
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
    'the session’s own limit bounds the hold, whatever the service’s is by now',
    { ...talking, max_call_minutes: 3 },
    'somebody',
    extend(20, 60),
    { maxCallMinutes: 1 },
  ],
  [
    'the session’s own limit ends the call',
    { ...talking, max_call_minutes: 3, held: 30, talk_seconds: 180 },
    'somebody',
    end('max_duration'),
  ],
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

testSteps(rows)

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
