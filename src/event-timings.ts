// Every duration of the events that organizations are told, as timings.ts has those of calls.

/** Deliveries whose time has come are looked for so often. */
export const deliveryIntervalSeconds = 1
/** Where many wait, what is free is filled again after so long: each claim is a statement. */
export const deliveryPauseMilliseconds = 50
/** One attempt: from the name's resolution to the end of the answer. */
export const deliveryTimeoutSeconds = 20
/** A claimed delivery belongs to its attempt for so long; then another may claim it. */
export const deliveryClaimSeconds = 40
/** When the service closes, attempts under way have so long to end; then their deliveries are handed back. */
export const deliveryGraceMilliseconds = 1000
/** What a receiver asks for by Retry-After is granted up to so long. */
export const retryAfterMaxSeconds = 86_400
/** A receiver that says that it has too much to do, and not for how long, is left alone for so long. */
export const slowDownSeconds = 30
/** An endpoint whose secret cannot be opened is left alone for so long. */
export const unsignedPauseSeconds = 300
/** An endpoint of which no attempt has succeeded for so long is disabled. */
export const failingSeconds = 5 * 86_400
/** Who was not tried for so long, which is longer than any pause, has not failed since before. */
export const untriedSeconds = 30 * 3600
/** Events, and what was delivered of them, are kept for so long; what is older is looked for so often. */
export const eventsKeptSeconds = 30 * 86_400
export const eventDeletionSeconds = 3600
/** `admin audit` looks for sessions without their event among those that were settled within this time, the gauge within a day. */
export const eventAuditSeconds = 29 * 86_400
export const eventGaugeSeconds = 86_400
