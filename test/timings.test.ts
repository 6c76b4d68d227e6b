// The durations that must fit each other: each sentence is an inequality, and says what goes wrong where it does not hold.
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { Environment } from '../src/config.ts'
import * as timings from '../src/timings.ts'

const {
  livekitTimeoutSeconds: livekit,
  departureTimeoutSeconds: departure,
  livekitTickSeconds: tick,
  leaseSeconds: lease,
  claimSeconds: claim,
  lookSeconds: look,
  verdictSeconds: verdict,
  calmLookSeconds: calmLook,
  watchfulLookSeconds: watchfulLook,
  reaperIntervalSeconds: reaperTick,
  sweepIntervalSeconds: sweepTick,
} = timings

const seconds = (milliseconds: number) => milliseconds / 1000

/** The longest time from a question on the settlement pool to its answer. */
const settlementStatement = seconds(timings.settlementConnectionMilliseconds + timings.queryTimeoutMilliseconds)
/** The same for the first question of a request. */
const requestStatement = seconds(timings.requestConnectionMilliseconds + timings.queryTimeoutMilliseconds)
/** CreateRoom fails just early enough to be repeated, and the repeat takes as long as it may. */
const createRoom = seconds(timings.createRepeatMilliseconds) + livekit
const activation = seconds(timings.batchWaitMilliseconds) + settlementStatement
/** The hold's own time runs from PostgreSQL's begin of the statement, so its answer may be this old already. */
const holdAnswer = seconds(timings.queryTimeoutMilliseconds)

/** The left side must be smaller, or at most the same where it says so. */
type Sentence = [sentence: string, left: number, relation: '<' | '<=', right: number]

const sentences: Sentence[] = [
  [
    'PostgreSQL gives up waiting for a lock before it gives up the statement',
    timings.lockTimeoutMilliseconds,
    '<',
    timings.statementTimeoutMilliseconds,
  ],
  [
    'PostgreSQL gives up a statement before we do, so that the connection stays usable',
    timings.statementTimeoutMilliseconds,
    '<',
    timings.queryTimeoutMilliseconds,
  ],
  ['and likewise in the background', timings.backgroundStatementMilliseconds, '<', timings.backgroundQueryMilliseconds],
  [
    'a transaction is broken off only when its statements are over',
    timings.statementTimeoutMilliseconds,
    '<',
    timings.idleTransactionTimeoutMilliseconds,
  ],
  [
    'whoever carries on with a session waits longer for a connection than whoever begins',
    timings.requestConnectionMilliseconds,
    '<',
    timings.settlementConnectionMilliseconds,
  ],
  [
    'a batch waits less for the one before it than a request for a connection',
    timings.batchWaitMilliseconds,
    '<',
    timings.requestConnectionMilliseconds,
  ],
  [
    'a hold waits in its lane no longer than for a connection',
    timings.holdWaitMilliseconds,
    '<=',
    timings.requestConnectionMilliseconds,
  ],

  ['the SDK repeats nothing by itself, because a call may take less than 5 s', livekit, '<', 5],
  ['a CreateRoom that took its whole time is not repeated', seconds(timings.createRepeatMilliseconds), '<', livekit],
  [
    'the token for LiveKit’s API is renewed long before it expires',
    timings.apiTokenRenewSeconds + livekit,
    '<',
    timings.apiTokenTtlSeconds,
  ],
  ['a room outlives the creation of its session', lease, '<', timings.emptyTimeoutSeconds],

  [
    'the slowest create, from the hold on, is over before its lease: nobody settles it meanwhile',
    holdAnswer + createRoom + activation,
    '<',
    lease,
  ],
  [
    'an early first look comes no earlier than the late one allows',
    timings.firstLookMinSeconds,
    '<=',
    timings.firstLookSeconds,
  ],
  ['a create that took its usual time keeps its lease as the first look', timings.firstLookMinSeconds, '<', lease],

  [
    'a look that waits for LiveKit as long as it may, and for one slow statement, can still name its verdict',
    livekit + settlementStatement,
    '<',
    look,
  ],
  ['a look that is handed back gives its session to others before its claim ends', look, '<', claim],
  [
    'whoever named a verdict can delete the room and settle before another look does the same',
    livekit + settlementStatement,
    '<',
    verdict,
  ],
  [
    'a look at a room out of reach ends within its claim',
    livekit + livekit + settlementStatement + settlementStatement,
    '<',
    claim,
  ],

  ['a call that goes well is looked at less often than one that is unclear', watchfulLook, '<', calmLook],
  [
    'more is held early enough for one more look, even where the replica that makes it dies with its claim',
    calmLook + claim + watchfulLook,
    '<=',
    timings.extendBelowSeconds,
  ],
  [
    'whoever is there is seen again before the time for which an unseen end is billed is over',
    calmLook,
    '<=',
    timings.unseenSeconds,
  ],
  ['whoever is taken for gone was not merely joining during the look', livekit, '<', timings.unlistedSeconds],
  [
    'LiveKit closes a room that its caller has left before the reaper looks',
    departure + tick,
    '<',
    timings.leaveLookSeconds,
  ],

  [
    'a call on a dead node is settled within 120 s of its death',
    calmLook + reaperTick + 2 * livekit + timings.lostSeconds + timings.lostLookSeconds + reaperTick,
    '<',
    120,
  ],
  ['a lost room is looked at again while it may still come back', timings.lostLookSeconds, '<', timings.lostSeconds],
  [
    'an end that nobody told of is settled within a minute of the room’s closing',
    2 * sweepTick + departure + tick,
    '<',
    60,
  ],
  ['a mass absence is judged from more than one sweep', 2 * sweepTick, '<', timings.massDoubtSeconds],
  [
    'a session counts as forgotten only after its claim could have been made again',
    claim + 2 * reaperTick,
    '<',
    timings.pastWakeSeconds,
  ],

  [
    'a create is answered before its caller, who is told to wait 30 s, gives up',
    2 * requestStatement + seconds(timings.holdWaitMilliseconds) + requestStatement + createRoom + activation,
    '<',
    30,
  ],
  [
    'closing waits longer than the slowest create',
    3 * requestStatement + seconds(timings.holdWaitMilliseconds) + createRoom + activation,
    '<',
    seconds(timings.closeTimeoutMilliseconds),
  ],
  [
    'closing waits longer than the slowest statement in the background',
    seconds(timings.backgroundConnectionMilliseconds + timings.backgroundQueryMilliseconds),
    '<',
    seconds(timings.closeTimeoutMilliseconds),
  ],
  [
    'a plugin that waits for its part says so before Fastify does',
    seconds(timings.backgroundConnectionMilliseconds + timings.backgroundQueryMilliseconds),
    '<',
    seconds(timings.pluginTimeoutMilliseconds),
  ],
  [
    'whoever is left by a crashed agent is released within 40 s of the crash',
    timings.connectionLossSeconds + Environment.properties.AGENT_JOIN_SECONDS.default + reaperTick,
    '<=',
    40,
  ],
  [
    'a token is valid for longer than a room waits for its caller',
    timings.emptyTimeoutSeconds,
    '<',
    timings.tokenTtlSeconds,
  ],
  [
    'the books are added up before they are added up again',
    seconds(timings.backgroundQueryMilliseconds),
    '<',
    timings.auditIntervalSeconds,
  ],
  [
    'a slow request is found soon after its time',
    timings.timeoutCheckMilliseconds,
    '<',
    timings.requestTimeoutMilliseconds,
  ],
]

for (const [sentence, left, relation, right] of sentences) {
  t.test(sentence, async (t) => t.ok(relation === '<' ? left < right : left <= right, `${left} ${relation} ${right}`))
}

t.test('every duration stands in a sentence', async (t) => {
  const own = await readFile('test/timings.test.ts', 'utf8')
  for (const name of Object.keys(timings)) t.match(own, new RegExp(`\\b${name}\\b`), name)
})
