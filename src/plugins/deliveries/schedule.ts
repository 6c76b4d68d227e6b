// When a delivery is tried again: the schedule of Standard Webhooks, with jitter, or later where the receiver asks for it.
import { retryAfterMaxSeconds } from '../../event-timings.ts'

const [minute, hour] = [60, 3600]

/** The pauses between the attempts: after the first of them, 5 s. After the last attempt it is given up. */
export const pausesSeconds = [5, 5 * minute, 30 * minute, ...[2, 5, 10, 14, 20, 24].map((hours) => hours * hour)]

/** Each pause is longer by up to so much, so that what failed together does not come together again. */
const jitter = 0.2

/** Seconds until the next attempt, where so many were made; undefined where there is none. */
export function pauseAfter(tries: number): number | undefined {
  const pause = pausesSeconds[tries - 1]
  return pause && pause * (1 + jitter * Math.random())
}

/** As HTTP writes a date; JavaScript takes much else for one. */
const httpDate = /^[A-Z][a-z]+,? .*\d\d:\d\d:\d\d/

/** The header Retry-After, seconds or an HTTP date, as seconds from now; undefined where it asks for nothing. */
export function readRetryAfter(header = ''): number | undefined {
  const text = header.trim()
  const date = httpDate.test(text) ? (Date.parse(text) - Date.now()) / 1000 : 0
  const seconds = /^\d+$/.test(text) ? Number(text) : date
  return seconds > 0 ? Math.min(seconds, retryAfterMaxSeconds) : undefined
}
