// What a call with an agent costs, how long it may be, and why it cannot be made now.
import type { Agent, Credits } from './backend.ts'
import { count } from './receipt.ts'

/** One sentence; empty where the service did not say. */
export function termsOf({ credits_per_minute, max_call_minutes }: Agent): string {
  if (credits_per_minute === undefined || max_call_minutes === undefined) return ''
  return `${count(credits_per_minute, 'credit')} a minute, ${count(max_call_minutes, 'minute')} at most.`
}

/**
 * One sentence; undefined where nothing is known that is in the way. An architecture that this page does not know is left to
 * the service to judge.
 * @param credits undefined where they are not known
 */
export function obstacleTo({ architecture, credits_per_minute = 1 }: Agent, credits: Credits | undefined) {
  if (architecture === 'text') return 'It only writes.'
  return credits !== undefined && credits.available < credits_per_minute ? 'Not enough credits.' : undefined
}
