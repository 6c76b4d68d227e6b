// One attempt: an event is posted to its endpoint, signed.
import { once } from 'node:events'
import { deliveryTimeoutSeconds } from '../../event-timings.ts'
import type { DueDelivery } from '../../repositories/due-deliveries.ts'
import type { Failure } from '../../repositories/failed-delivery.ts'
import { failureOf, Unsent } from './failure.ts'
import { destinationOf } from './pinned.ts'
import { type Answer, post } from './post.ts'
import { readRetryAfter } from './schedule.ts'
import { signedHeaders } from './signature.ts'

export interface Outcome {
  /** Null where there was no answer. */
  status: number | null
  /** Null where the event was taken. */
  failure: Failure | null
  /** What the receiver asked for by Retry-After. */
  retryAfterSeconds: number | undefined
}

async function answered(delivery: DueDelivery, secrets: string[], insecureHosts: string[], signal: AbortSignal) {
  const { event_id, body } = delivery
  const ended = once(signal, 'abort').then(() => {
    throw signal.reason
  })
  const destination = await Promise.race([destinationOf(delivery.url, insecureHosts), ended])
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'voice-sessions',
    ...signedHeaders(event_id, Math.floor(Date.now() / 1000), body, secrets),
  }
  return post(destination, headers, body, signal)
}

function outcomeOf({ status, retryAfter }: Answer): Outcome {
  const isTaken = status >= 200 && status < 300
  return {
    status,
    failure: isTaken ? null : 'status',
    retryAfterSeconds: isTaken ? undefined : readRetryAfter(retryAfter),
  }
}

/** Sends it once, signed with each of the secrets. Undefined where `closing` ended it. */
export async function send(
  delivery: DueDelivery,
  secrets: string[],
  insecureHosts: string[],
  closing: AbortSignal,
): Promise<Outcome | undefined> {
  const ending = new AbortController()
  const end = () => ending.abort()
  const timer = setTimeout(() => ending.abort(new Unsent('timeout')), deliveryTimeoutSeconds * 1000)
  closing.addEventListener('abort', end)
  try {
    return outcomeOf(await answered(delivery, secrets, insecureHosts, ending.signal))
  } catch (error) {
    if (closing.aborted) return undefined
    const failure = failureOf(ending.signal.aborted ? ending.signal.reason : error)
    return { status: null, failure, retryAfterSeconds: undefined }
  } finally {
    clearTimeout(timer)
    closing.removeEventListener('abort', end)
  }
}
