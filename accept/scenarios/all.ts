// The scenarios by the name that the command line knows them by.
import type { Scenario } from '../scenario.ts'
import { agentCrash } from './agent-crash.ts'
import { burst } from './burst-of-creates.ts'
import { crashPoints } from './crash-points.ts'
import { deadline } from './end-of-held-time.ts'
import { zombie } from './ended-room-made-again.ts'
import { eventsKill } from './events-kill.ts'
import { eventsOutage } from './events-outage.ts'
import { eventsSlow } from './events-slow.ts'
import { eventsSsrf } from './events-ssrf.ts'
import { faults } from './every-fault-at-every-step.ts'
import { livekitEvents } from './livekit-events.ts'
import { nodeDeath } from './livekit-node-death.ts'
import { model } from './model.ts'
import { noAgent } from './no-agent.ts'
import { idempotency } from './one-key-one-session.ts'
import { pgCrash } from './postgres-crash.ts'
import { presence } from './presence.ts'
import { kill } from './replicas-killed.ts'
import { inSurroundings } from './surroundings.ts'

/** The long ones first, so that jobs side by side end together. */
export const scenarios: Record<string, Scenario> = {
  'node-death': nodeDeath,
  kill,
  'livekit-events': livekitEvents,
  faults,
  'agent-crash': agentCrash,
  'crash-points': crashPoints,
  zombie,
  'pg-crash': pgCrash,
  deadline,
  'no-agent': noAgent,
  model,
  burst,
  idempotency,
  presence,
  surroundings: inSurroundings,
  'events-kill': eventsKill,
  'events-slow': eventsSlow,
  'events-outage': eventsOutage,
  'events-ssrf': eventsSsrf,
}
