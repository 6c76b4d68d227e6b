// One exchange with a receiver, over a connection of its own. Redirects are not followed, no proxy of the environment is used, and
// nothing is kept of the answer but its status and Retry-After.
import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { Unsent } from './failure.ts'
import type { Destination } from './pinned.ts'

export interface Answer {
  status: number
  /** As it was sent. */
  retryAfter: string | undefined
}

/** Between one address of a host and the next. */
const nextAddressMilliseconds = 2500
/** So long a receiver may take to end its answer in peace, once it has begun; it changes nothing. */
const endingMilliseconds = 1000
/** More bytes than any answer needs. Who sends more, however it is framed, is hung up on, so that nobody keeps a replica busy. */
const maxBytes = 64 * 1024
const watchMilliseconds = 100

/** Rejects where there is no answer; with AbortError where the signal ended it. */
export async function post(
  { url, lookup }: Destination,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<Answer> {
  const { request, Agent } = url.protocol === 'https:' ? https : http
  const asked = request(url, {
    method: 'POST',
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    lookup,
    signal,
    agent: new Agent({ autoSelectFamily: true, autoSelectFamilyAttemptTimeout: nextAddressMilliseconds }),
  })
  const ended = once(asked, 'close')
  ended.catch(() => undefined)
  asked.end(body)
  const watch = setInterval(() => {
    if (Number(asked.socket?.bytesRead) > maxBytes) asked.destroy(new Unsent('connection'))
  }, watchMilliseconds)
  try {
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    // The status says it all; how the rest arrives changes nothing.
    answer.on('error', () => undefined).resume()
    await Promise.race([ended, sleep(endingMilliseconds, undefined, { ref: false })]).catch(() => undefined)
    return { status: Number(answer.statusCode), retryAfter: answer.headers['retry-after'] }
  } finally {
    clearInterval(watch)
    asked.on('error', () => undefined).destroy()
  }
}
