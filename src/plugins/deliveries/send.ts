// One attempt: an event is posted to its endpoint, signed, over a connection of its own. Redirects are not followed, no proxy of
// the environment is used, and nothing is kept of the answer but its status.
import { once } from 'node:events'
import { Client, type Dispatcher } from 'undici'
import { deliveryTimeoutSeconds } from '../../event-timings.ts'
import type { DueDelivery } from '../../repositories/delivery.ts'
import type { Failure } from '../../repositories/failed-delivery.ts'
import { open } from '../../webhook-secret.ts'
import { failureOf, Unsent } from './failure.ts'
import { destinationOf } from './pinned.ts'
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

export interface SendOptions {
  insecureHosts: string[]
  /** Opens the secrets where they are stored encrypted. */
  secretKey: Buffer | undefined
}

/** So much of an answer is read, so that a receiver can end it in peace. */
const maxAnswerBytes = 1024
/** Between one address of a host and the next. */
const nextAddressMilliseconds = 2500

async function readToEnd(body: AsyncIterable<Buffer>): Promise<void> {
  let bytes = 0
  for await (const part of body) {
    bytes += part.length
    if (bytes > maxAnswerBytes) return
  }
}

async function post(delivery: DueDelivery, secrets: string[], options: SendOptions, signal: AbortSignal) {
  const { event_id, body } = delivery
  const ended = once(signal, 'abort').then(() => {
    throw signal.reason
  })
  const { url, lookup } = await Promise.race([destinationOf(delivery.url, options.insecureHosts), ended])
  const client = new Client(url.origin, {
    connect: {
      lookup,
      timeout: deliveryTimeoutSeconds * 1000,
      autoSelectFamilyAttemptTimeout: nextAddressMilliseconds,
    },
    autoSelectFamily: true,
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'voice-sessions',
    ...signedHeaders(event_id, Math.floor(Date.now() / 1000), body, secrets),
  }
  try {
    const path = url.pathname + url.search
    const answer: Dispatcher.ResponseData = await client.request({ method: 'POST', path, headers, body, signal })
    // The status says it all; how the rest arrives changes nothing.
    await readToEnd(answer.body).catch(() => undefined)
    return answer
  } finally {
    await client.destroy()
  }
}

/** Sends it once. Undefined where the signal ended it; rejects where the secret cannot be opened. */
export async function send(
  delivery: DueDelivery,
  options: SendOptions,
  closing: AbortSignal,
): Promise<Outcome | undefined> {
  const stored = [delivery.secret, delivery.previous_secret].filter((secret) => secret !== null)
  const secrets = stored.map((secret) => open(secret, options.secretKey))
  const ending = new AbortController()
  const end = () => ending.abort()
  const timer = setTimeout(() => ending.abort(new Unsent('timeout')), deliveryTimeoutSeconds * 1000)
  closing.addEventListener('abort', end)
  try {
    const { statusCode, headers } = await post(delivery, secrets, options, ending.signal)
    const isTaken = statusCode >= 200 && statusCode < 300
    const retryAfterSeconds = isTaken ? undefined : readRetryAfter(headers['retry-after']?.toString())
    return { status: statusCode, failure: isTaken ? null : 'status', retryAfterSeconds }
  } catch (error) {
    if (closing.aborted) return undefined
    return { status: null, failure: failureOf(error), retryAfterSeconds: undefined }
  } finally {
    clearTimeout(timer)
    closing.removeEventListener('abort', end)
  }
}
