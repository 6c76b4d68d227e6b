// Every duration of questions about usage, as timings.ts has those of calls.

/** What adds up usage reads as many sessions as there are in a year: it waits for one of few connections, and may take a while. */
export const usageConnectionMilliseconds = 5000
export const usageStatementMilliseconds = 10_000
export const usageQueryMilliseconds = 10_500
/** How long one question of usage waits for the one of the same organization before it. */
export const usageWaitMilliseconds = 5000
