// A caller's backend, as the README tells people to write it: repeats what may be repeated, as Retry-After says.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Customer, Replica } from './stack.ts'

export interface Answer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: an answer is judged by what the scenario expects of it
  json: any
}

/** Statuses that were answered, and how often; 0 counts broken connections, "bug" counts every 500 that no fault explains. */
export type Tally = Record<string, number>

export async function send(url: string, path: string, init: RequestInit = {}, tally: Tally = {}): Promise<Answer> {
  try {
    const response = await fetch(new URL(path, url), { ...init, signal: AbortSignal.timeout(30_000) })
    const json = (await response.json()) as Answer['json']
    const outcome = json.detail === 'Internal server error' ? 'bug' : response.status
    tally[outcome] = (tally[outcome] ?? 0) + 1
    return { status: response.status, headers: response.headers, json }
  } catch {
    tally[0] = (tally[0] ?? 0) + 1
    return { status: 0, headers: new Headers(), json: undefined }
  }
}

export interface CreateOptions {
  idempotencyKey?: string
  tally?: Tally
}

/** One createVoiceSession. */
export function create(
  url: string,
  customer: Customer,
  { idempotencyKey, tally }: CreateOptions = {},
): Promise<Answer> {
  const headers = {
    'x-api-key': customer.key,
    'content-type': 'application/json',
    ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
  }
  const body = JSON.stringify({ agent_id: customer.agentId })
  return send(url, '/v1/chat/voice-sessions', { method: 'POST', headers, body }, tally)
}

interface Wait {
  maxMilliseconds?: number
}

/** Asks again while the service, because it is busy, answers 503 before it comes to the fault that waits for it. */
export async function untilMet(isMet: () => boolean, ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await ask()
    if (isMet() || answer.status !== 503) return answer
    await sleep(500)
  }
}

/** Repeats 409, 503 and broken connections, at another replica each time, until something else is answered. */
export function createUntilAnswered(
  replicas: Replica[],
  customer: Customer,
  options: CreateOptions & Wait = {},
): Promise<Answer> {
  return untilAnswered(replicas, (url) => create(url, customer, options), options)
}

/** endVoiceSession, repeated in the same way. */
export function endUntilAnswered(
  replicas: Replica[],
  customer: Customer,
  roomName: string,
  tally: Tally = {},
): Promise<Answer> {
  const init = { method: 'DELETE', headers: { 'x-api-key': customer.key } }
  return untilAnswered(replicas, (url) => send(url, `/v1/chat/voice-sessions/${roomName}`, init, tally))
}

async function untilAnswered(
  replicas: Replica[],
  ask: (url: string) => Promise<Answer>,
  { maxMilliseconds = 60_000 }: Wait = {},
): Promise<Answer> {
  const deadline = performance.now() + maxMilliseconds
  for (let turn = Math.floor(Math.random() * replicas.length); ; turn++) {
    const replica = replicas[turn % replicas.length] as Replica
    const answer = await ask(replica.url)
    const isRepeatable = answer.status === 0 || answer.status === 409 || answer.status === 503
    if (!isRepeatable || performance.now() > deadline) return answer
    await sleep(Number(answer.headers.get('retry-after') ?? 0.2) * 1000 * (0.75 + Math.random() / 2))
  }
}
