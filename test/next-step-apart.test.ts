// What is done next about a call while caller and agent are not both there.
import {
  ago,
  connected,
  deserted,
  empty,
  end,
  left,
  type Row,
  slow,
  talking,
  testSteps,
  waiting,
  wakeIn,
} from './situations.ts'

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
]

testSteps(rows)
