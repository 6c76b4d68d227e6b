// The durations that must fit each other: each sentence is an inequality, in seconds, and says what would go wrong.
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { Environment } from '../src/config.ts'
import * as eventTimings from '../src/event-timings.ts'
import { pausesSeconds } from '../src/plugins/deliveries/schedule.ts'
import * as callTimings from '../src/timings.ts'

const timings = { ...callTimings, ...eventTimings }

/** Each duration in seconds, under its name without the unit. */
const s = Object.fromEntries(
  Object.entries(timings).map(([name, value]) => {
    const unit = name.endsWith('Milliseconds') ? 1000 : 1
    return [name.replace(/(Milliseconds|Seconds)$/, ''), value / unit]
  }),
) as Record<NameOf<keyof typeof timings>, number>
type NameOf<Name> = Name extends `${infer Base}Milliseconds` | `${infer Base}Seconds` ? Base : never

/** The longest time from a question to its answer, on each pool. */
const ask = s.requestConnection + s.queryTimeout
const carryOn = s.settlementConnection + s.queryTimeout
const askInBackground = s.backgroundConnection + s.backgroundQuery
const deliver = s.backgroundConnection + s.queryTimeout
const askUsage = s.readWait + askInBackground
/** With its repeat. */
const createRoom = s.livekitTimeout
const activation = s.batchWait + carryOn
/** Key, agent, session of the Idempotency-Key, hold, room, activation, and what became of the session where that failed. */
const slowestCreate = 3 * ask + s.holdWait + ask + createRoom + activation + carryOn
const slowestRelease = s.connectionLoss + Environment.properties.AGENT_JOIN_SECONDS.default + s.reaperInterval
/** A look just before the node dies, looks until it counts as lost, and a tick of the reaper before each of them. */
const nodeDeath = s.calmLook + s.reaperInterval + 2 * s.livekitTimeout + s.lost + s.lostLook + s.reaperInterval

/** From the first attempt of a delivery to its last, without jitter. */
const schedule = pausesSeconds.reduce((sum, pause) => sum + pause)

const keepAlive = Environment.properties.KEEP_ALIVE_SECONDS.default

type Sentence = [sentence: string, left: number, relation: '<' | '<=', right: number]

const sentences: Sentence[] = [
  ['PostgreSQL stops waiting for a lock before it stops the statement', s.lockTimeout, '<', s.statementTimeout],
  ['PostgreSQL stops a statement before we do: the connection stays usable', s.statementTimeout, '<', s.queryTimeout],
  ['and likewise in the background', s.backgroundStatement, '<', s.backgroundQuery],
  ['a connection lives for longer than any statement on it', s.backgroundQuery, '<', s.connectionAge],
  ['an idle transaction is broken off after its statements', s.statementTimeout, '<', s.idleTransactionTimeout],
  ['nobody gives up who waits behind a migration', s.migrationLock, '<', s.lockTimeout],
  ['who carries on waits longer than who begins', s.requestConnection, '<', s.settlementConnection],
  ['a batch waits less than for a connection', s.batchWait, '<', s.requestConnection],
  ['a hold waits in its lane no longer than for a connection', s.holdWait, '<=', s.requestConnection],

  ['who only reads waits in line no longer than who ends', s.readWait, '<=', s.endWait],
  ['who ends a call is told before another ends it', s.endWait + s.livekitTimeout, '<', s.verdict],
  ['one of LiveKit’s events is refused before a look finds the same', s.livekitEventWait, '<', s.watchfulLook],

  ['the SDK repeats no call by itself: it does where a call may take 5 s', s.livekitTimeout, '<', 5],
  ['a call of LiveKit’s API is repeated while half of its time is left', s.createRepeat, '<=', s.livekitTimeout / 2],
  ['our token for LiveKit is renewed before it expires', s.apiTokenRenew + s.livekitTimeout, '<', s.apiTokenTtl],
  ['a room is kept at least while its session is created', s.lease, '<', s.emptyTimeout],
  ['a token that is answered is valid while a room waits', s.tokenMinimum, '<=', s.emptyTimeout],
  ['a token is valid for longer than a room waits for its caller', s.emptyTimeout, '<', s.tokenTtl],

  // The lease begins when PostgreSQL begins the hold's statement, whose answer may come as late as it may.
  ['nobody settles a session while it is created', s.queryTimeout + createRoom + activation, '<', s.lease],
  ['an early first look comes no later than an ordinary one', s.firstLookMin, '<=', s.firstLook],
  ['a create of the usual speed keeps the end of its lease as first look', s.firstLookMin, '<', s.lease],

  ['a look that LiveKit and one statement slow down is not too old', s.livekitTimeout + carryOn, '<', s.look],
  ['a look gives its place up long before LiveKit says that it cannot reach a room', 10 * s.promptLook, '<', 3],
  ['a look gives its session back before its claim ends', s.look, '<', s.claim],
  ['a verdict is carried out before another look does it', s.endingLook + s.livekitTimeout + carryOn, '<', s.verdict],
  ['the look that an end waits for is a call that is quick', s.endingLook, '<', s.livekitTimeout],
  ['who connects again and again is not waited for', s.connectedTimeout, '<', s.waiting],
  ['and whoever only takes long to connect is', s.firstLook, '<', s.waiting],
  ['a look at a room out of reach ends within its claim', 2 * (s.livekitTimeout + carryOn), '<', s.claim],

  ['what is unclear is looked at more often', s.watchfulLook, '<', s.calmLook],
  ['more is held in time, even if a replica dies', s.calmLook + s.claim + s.watchfulLook, '<=', s.extendBelow],
  ['no look is put off as far as only a clock that was set back puts it', s.calmLook, '<', s.farWake],
  ['nor is a claim, a lease or a verdict', Math.max(s.claim, s.lease, s.verdict), '<', s.farWake],
  ['after a clock was set back more is still held in time', s.farWake + s.watchfulLook, '<=', s.extendBelow],
  ['who is there is seen before the time that an unseen end is billed', s.calmLook, '<=', s.unseen],
  ['who joins during a look is not taken for gone', s.livekitTimeout, '<', s.unlisted],
  ['LiveKit closes a left room before the reaper looks', s.departureTimeout + s.livekitTick, '<', s.leaveLook],

  ['a call on a dead node is settled within 120 s', nodeDeath, '<', 120],
  ['a lost room is looked at while it may still come back', s.lostLook, '<', s.lost],
  ['a caller is released within 40 s of the agent’s crash', slowestRelease, '<=', 40],
  ['an untold end is settled within a minute', 2 * s.sweepInterval + s.departureTimeout + s.livekitTick, '<', 60],
  ['the sweep asks again for a room when it may be deleted again', s.deletionPause, '<=', s.sweepInterval],
  ['and for one that fails for long less often', s.deletionPause, '<', s.deletionMaxPause],
  ['a mass absence is judged from several sweeps', 2 * s.sweepInterval, '<', s.massDoubt],
  ['forgotten is only what could be claimed again', s.claim + 2 * s.reaperInterval, '<', s.pastWake],
  ['a LiveKit event that is not written down yet keeps nobody watchful', 2 * s.arrivalWrite, '<', s.arrivalTrust],
  ['silence is judged from what has been written down', s.arrivalWrite + s.silenceCheck, '<', s.silence],
  ['silence is told before LiveKit’s events are not relied on', s.silence + s.silenceCheck, '<', s.arrivalTrust],
  ['a LiveKit event is valid for as long as clocks may differ', 300, '<=', s.livekitEventTolerance],
  ['the books are added up before they are added up again', s.backgroundQuery, '<', s.auditInterval],

  ['an attempt is recorded before its claim ends', s.queryTimeout + s.deliveryTimeout + deliver, '<', s.deliveryClaim],
  ['closing hands back what is on its way', s.deliveryGrace + 2 * deliver, '<', s.closeTimeout],
  ['events go out about a second later', s.deliveryInterval + s.deliveryPause, '<', 2],
  ['a busy receiver is left alone for longer than an attempt takes', s.deliveryTimeout, '<', s.slowDown],
  ['and for less than the second pause', s.slowDown, '<', 300],
  ['a wrong key is said again before anybody is disabled for it', s.unsignedPause, '<', s.failing],
  ['who waits for the longest pause is not taken for untried', Math.max(1.2 * 86_400, s.retryAfterMax), '<', s.untried],
  ['and who was not tried has not failed for long', s.untried, '<', s.failing],
  ['the whole schedule fits into the time after which an endpoint is disabled', 1.2 * schedule, '<', s.failing],
  ['and this into the time for which events are kept', s.failing + s.retryAfterMax, '<', s.eventsKept],
  ['no event is deleted while the audit looks for it', s.eventAudit + s.eventDeletion, '<', s.eventsKept],
  ['the gauge looks at no more than the audit', s.eventGauge, '<', s.eventAudit],

  ['closing waits longer than for the slowest create', slowestCreate + s.closeGrace + s.logEnd, '<', s.closeTimeout],
  ['closing waits longer than for usage', ask + askUsage + s.closeGrace + s.logEnd, '<', s.closeTimeout],
  ['closing waits longer than for the slowest statement', askInBackground, '<', s.closeTimeout],
  ['a plugin says what it waits for before Fastify gives up', askInBackground, '<', s.pluginTimeout],
  ['a limit’s window outlasts the requests that it counts', s.requestTimeout, '<', s.rateLimitWindow],
  ['a load balancer that keeps what is idle for a minute need not open it anew', 60, '<=', s.firstByte],
  ['and need not wonder whether one that it has used is still open', 60, '<', keepAlive],
  ['who sends a request slowly is told before the connection is closed', s.requestTimeout, '<', s.connection],
  ['who reads no answer is cut off before whoever waits for one', s.unread, '<', s.connection],
  ['no connection is closed while its request is worked on', slowestCreate, '<', s.connection],
  ['a slow request is found soon after its time', s.timeoutCheck, '<', s.requestTimeout],
]

for (const [sentence, left, relation, right] of sentences) {
  t.test(sentence, async (t) => t.ok(relation === '<' ? left < right : left <= right, `${left} ${relation} ${right}`))
}

t.test('every duration stands in a sentence', async (t) => {
  const own = await readFile('test/timings.test.ts', 'utf8')
  for (const name of Object.keys(s)) t.match(own, new RegExp(`\\bs\\.${name}\\b`), name)
})
