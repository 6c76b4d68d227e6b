// The service's five pools of connections: who may ask what on which, and how long it may take. They are divided by intent,
// so that many who begin never keep those waiting who carry on with a session.
import * as timings from '../timings.ts'
import { findAgent } from './agents.ts'
import { findCaller } from './api-keys.ts'
import { countMissingEvents, findDifferences } from './audit.ts'
import { countPastWake, findRooms, listActiveRoomNames } from './background.ts'
import { ping } from './database.ts'
import { handBackDelivery, recordDelivered } from './delivery.ts'
import { claimDeliveries } from './due-deliveries.ts'
import { deleteOldEvents, findWebhookFigures } from './event-upkeep.ts'
import { recordFact } from './facts.ts'
import { recordFailed } from './failed-delivery.ts'
import { holdMinute } from './hold.ts'
import * as keys from './idempotency-keys.ts'
import { extend, settle } from './ledger.ts'
import { findLiveKitEventArrival, recordLiveKitEventArrival } from './livekit-event-arrival.ts'
import * as looks from './looks.ts'
import { findCredits } from './organizations.ts'
import { findCallers, recordGone } from './participants.ts'
import { findPlace } from './session-place.ts'
import { findShownAgent, listShownAgents } from './shown-agents.ts'
import { listEvents } from './shown-events.ts'
import * as situation from './situation.ts'
import * as transitions from './transitions.ts'
import { sumUsage } from './usage.ts'
import * as voiceSessions from './voice-sessions.ts'
import { pauseEndpoint } from './webhook-endpoints.ts'

/** What a request asks before its session holds credits, or where it only reads. */
const request = {
  findCaller,
  findAgent,
  findShownAgent,
  listShownAgents,
  findCredits,
  findByIdempotencyKey: keys.findByIdempotencyKey,
  freeIdempotencyKey: keys.freeIdempotencyKey,
  holdMinute,
  findSession: voiceSessions.findSession,
  findPlace,
  listSessions: voiceSessions.listSessions,
  listEvents,
  ping,
}

/** What carries on with a session that holds credits, up to its settlement. */
const settlement = {
  activate: transitions.activate,
  takeOver: keys.takeOver,
  claimDue: looks.claimDue,
  claimEnding: looks.claimEnding,
  claimTroubled: looks.claimTroubled,
  handBack: looks.handBack,
  findSituation: situation.findSituation,
  findStatus: voiceSessions.findStatus,
  findOrganizationOf: voiceSessions.findOrganizationOf,
  findCallers,
  recordFact,
  recordGone,
  recordWaiting: situation.recordWaiting,
  wake: looks.wake,
  wakeAfterLeave: looks.wakeAfterLeave,
  markLost: looks.markLost,
  extend,
  nameVerdict: transitions.nameVerdict,
  nameVerdictOfLook: transitions.nameVerdictOfLook,
  nameDeletion: transitions.nameDeletion,
  settle,
  recordLiveKitEventArrival,
}

/** What no request waits for, and what reads many sessions at once: sweep, audit, gauges, old events. */
const background = {
  listActiveRoomNames,
  findRooms,
  countPastWake,
  findDifferences,
  findLiveKitEventArrival,
  countMissingEvents,
  findWebhookFigures,
  deleteOldEvents,
}

/** What a request asks that reads as many sessions as there are: on connections of its own, so that it keeps no other waiting. */
const usage = { sumUsage }

/** What takes events to their receivers: however many are on their way, no session waits for that. */
const delivery = { claimDeliveries, recordDelivered, recordFailed, handBackDelivery, pauseEndpoint }

export const queries = { request, settlement, background, usage, delivery }

/** No statement is without an end, so that a request is answered before its caller gives up. */
const common = {
  statement_timeout: timings.statementTimeoutMilliseconds,
  lock_timeout: timings.lockTimeoutMilliseconds,
  query_timeout: timings.queryTimeoutMilliseconds,
  idle_in_transaction_session_timeout: timings.idleTransactionTimeoutMilliseconds,
  keepAlive: true,
  maxLifetimeSeconds: timings.connectionAgeSeconds,
}

/** For what reads many sessions. */
const patient = {
  ...common,
  connectionTimeoutMillis: timings.backgroundConnectionMilliseconds,
  statement_timeout: timings.backgroundStatementMilliseconds,
  query_timeout: timings.backgroundQueryMilliseconds,
}

/**
 * As pg takes them; `max` is connections of one replica. Of background there is one each for sweep, audit and gauges; what runs less
 * often, such as the deletion of old events, waits for one of these.
 */
export const pools = {
  request: { ...common, max: 10, connectionTimeoutMillis: timings.requestConnectionMilliseconds },
  settlement: { ...common, max: 5, connectionTimeoutMillis: timings.settlementConnectionMilliseconds },
  background: { ...patient, max: 3 },
  usage: { ...patient, max: 2 },
  delivery: { ...common, max: 2, connectionTimeoutMillis: timings.backgroundConnectionMilliseconds },
}
