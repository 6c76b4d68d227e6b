// Every duration that another one must fit, with its unit and its reason. The tests state in words what must hold between
// them. Durations that nothing else depends on stand where they are used.

// A request, and the process.

/** A request must have arrived whole within this time after its first byte. */
export const requestTimeoutMilliseconds = 10_000
/** A connection may be silent for so long before its first request begins: load balancers open some in advance. */
export const firstByteMilliseconds = 60_000
/** An answer of which nothing is read for so long is given up, and its connection closed. */
export const unreadMilliseconds = 10_000
/** A connection on which nothing at all happens for so long is closed: more than the slowest request may take. */
export const connectionMilliseconds = 40_000
/** How often Node looks for requests that are too slow: a timeout may be late by so much. */
export const timeoutCheckMilliseconds = 1000
/** A plugin that is not ready after this time keeps the service from starting: more than it waits for its own part. */
export const pluginTimeoutMilliseconds = 60_000
/** When the service closes and no request is worked on any more, what is half sent or half read has so long to arrive. */
export const closeGraceMilliseconds = 500
/** After SIGTERM the process ends after this time in any case: more than the work under way may take. */
export const closeTimeoutMilliseconds = 35_000
/** Then the log's last lines have so long to be read. */
export const logEndMilliseconds = 500
/** The fixed windows in which requests of a key, and bad keys of an address, are counted: a minute, as the contract says. */
export const rateLimitWindowMilliseconds = 60_000

// PostgreSQL. A statement waits for a lock, runs, and its answer is waited for, each a little longer than the one before, so
// that PostgreSQL gives up first and its connection stays usable.

export const lockTimeoutMilliseconds = 1500
export const statementTimeoutMilliseconds = 2000
export const queryTimeoutMilliseconds = 2500
/** No connection gets older, so that after a while all lead to where PostgreSQL's name, or a pooler, leads by then. */
export const connectionAgeSeconds = 600
/** A transaction in which nothing is asked any more is broken off by PostgreSQL, and gives its locks back. */
export const idleTransactionTimeoutMilliseconds = 5000
/** How long the requests' pool lets a question wait for a connection; whoever waits longer is told 503. */
export const requestConnectionMilliseconds = 1000
/** The same for whoever carries on with a session that holds credits: it has more to lose. */
export const settlementConnectionMilliseconds = 2500
/** The same for what no request waits for, and for the start: many replicas may be starting at once. */
export const backgroundConnectionMilliseconds = 5000
/** What reads many sessions, for the background or for usage, takes longer the more there are; but less than closing may take. */
export const backgroundStatementMilliseconds = 15_000
export const backgroundQueryMilliseconds = 15_500
/** How long a migration keeps others waiting behind it for a table: less than they wait, so that none of them fails. */
export const migrationLockMilliseconds = 1000
/** How long a hold waits for the holds of the same organization before it. */
export const holdWaitMilliseconds = 1000
/** How long a read of sessions waits for the reads of the same organization before it: twice in a DELETE. */
export const readWaitMilliseconds = 2500
/** How long a DELETE waits in line at most: for its verdict, and then for its room's end. What is left is the reaper's. */
export const endWaitMilliseconds = 5000
/** How long one of LiveKit's events waits in line; then it is refused, and LiveKit repeats it. */
export const livekitEventWaitMilliseconds = 5000
/** How long a question waits at most for the batch before it to be answered. */
export const batchWaitMilliseconds = 50

// LiveKit.

/** One call of LiveKit's API: from the connection to the end of the answer, with its repeat. */
export const livekitTimeoutSeconds = 4
/** A call that failed faster than this is repeated once, over a new connection, in what is left of its time. */
export const createRepeatMilliseconds = 2000
/** LiveKit closes a room that no caller has joined for so long … */
export const emptyTimeoutSeconds = 60
/** … and a room that its caller has left for so long, so that a broken connection may come back. */
export const departureTimeoutSeconds = 10
/** How late LiveKit may close a room. */
export const livekitTickSeconds = 1
/** LiveKit removes who is connected without media after so long; they may come again with the same token. */
export const connectedTimeoutSeconds = 60
/** How long LiveKit takes to notice that a connection is dead. */
export const connectionLossSeconds = 20
/** A participant's token. It limits only when its holder connects, not how long the call may be. */
export const tokenTtlSeconds = 3600
/** A repeat of the Idempotency-Key whose token would be valid for less gets one that is valid for the whole time again. */
export const tokenMinimumSeconds = 60
/** The service's own token for LiveKit's API, and the age at which a new one is signed. */
export const apiTokenTtlSeconds = 600
export const apiTokenRenewSeconds = 300
/** How far LiveKit's clock may be from ours, so that its events are believed: a wrong clock would look like a wrong key. */
export const livekitEventToleranceSeconds = 300
/** Each replica writes down so often at most that LiveKit's events come. */
export const arrivalWriteSeconds = 10
/** Where none came to any replica for so long, sessions are watched as if LiveKit sent none. */
export const arrivalTrustSeconds = 120
/** A session must be so old, without any of LiveKit's events since, before somebody is warned; it is checked so often. */
export const silenceSeconds = 30
export const silenceCheckSeconds = 10

// The life of a session.

/** A session that is being created belongs to its request for so long; then the reaper settles it as abandoned. */
export const leaseSeconds = 15
/** An active session is first looked at so long after its activation, or a little less where its lease says so already. */
export const firstLookSeconds = 15
export const firstLookMinSeconds = 12
/** The reaper claims sessions whose time has come so often. */
export const reaperIntervalSeconds = 5
/** A claimed session belongs to its look for so long; then another look may claim it. */
export const claimSeconds = 30
/** A look that has not decided after this time is too old for a verdict, and gives its session back. */
export const lookSeconds = 10
/** A look that LiveKit lets wait for longer gives its place to another session's: LiveKit answers in a few milliseconds. */
export const promptLookMilliseconds = 250
/** Whoever names a verdict has so long to delete the room and settle; then the reaper carries it out. */
export const verdictSeconds = 12
/** The time between two looks at a call that goes well … */
export const calmLookSeconds = 60
/** … and at one of which something is unclear. */
export const watchfulLookSeconds = 15
/**
 * No look is put off for longer. A session whose time is further away got it before PostgreSQL's clock was set back, and is
 * looked at now.
 */
export const farWakeSeconds = 90
/** Somebody left: so long after that the session is looked at, if LiveKit has not closed the room by then. */
export const leaveLookSeconds = 15
/** More is held when less than this is left: another look still comes in time, even if the replica that makes it dies. */
export const extendBelowSeconds = 105
/** A room in which somebody is connected, but no caller present, is kept for so long. */
export const waitingSeconds = 75
/** Whoever ends a call looks into the room first, to see who was there, but waits no longer for that. */
export const endingLookMilliseconds = 2000
/** Who left without being seen is billed for at most this time after a look has seen them. */
export const unseenSeconds = 60
/** Who joined so shortly before a look may be missing in its list without having left. */
export const unlistedSeconds = 5
/**
 * How long a room may be out of reach, while LiveKit answers for others, before its call counts as lost, and how often it is
 * looked at meanwhile.
 */
export const lostSeconds = 30
export const lostLookSeconds = 10
/** The sweep compares LiveKit's rooms with the sessions so often; a room must be absent twice. */
export const sweepIntervalSeconds = 20
/**
 * The sweep asks again for a room that could not be deleted after this time, which doubles each time that it fails, up to
 * the second.
 */
export const deletionPauseSeconds = 20
export const deletionMaxPauseSeconds = 300
/** When most rooms are absent at once, nothing is settled until LiveKit has said so for this time. */
export const massDoubtSeconds = 300
/** A session that nobody has looked at for so long after its time counts as forgotten: an alarm. */
export const pastWakeSeconds = 60
/** The books are added up so often. */
export const auditIntervalSeconds = 60
