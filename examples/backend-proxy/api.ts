// The requests that this backend makes to the voice-sessions API, and how its answers are passed on.
import type { Response as PageResponse } from 'express'

const TIMEOUT_MS = 10_000
/** What a page can use of the API's headers: why it was refused, when to try again, and what to quote when something is wrong. */
const HEADERS = ['X-Error-Code', 'Retry-After', 'X-Request-Id']

/** Status 0 means that the API could not be reached, or answered something else than JSON. */
export interface ApiAnswer {
  ok: boolean
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: the API's document says what is in it
  body: any
}

/** @param apiUrl may have a path, under which a gateway has the service */
export function apiClient(apiUrl: string, apiKey: string) {
  const baseUrl = apiUrl.replace(/\/+$/, '')

  async function send(method: string, path: string, { body, idempotencyKey }: Content = {}): Promise<ApiAnswer> {
    try {
      const response = await fetch(`${baseUrl}${path}`, {
        method,
        headers: {
          'X-API-Key': apiKey,
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
          ...(idempotencyKey !== undefined && { 'Idempotency-Key': idempotencyKey }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      const { ok, status, headers } = response
      return { ok, status, headers, body: await response.json() }
    } catch (error) {
      process.stderr.write(`${method} ${path}: ${(error as Error).message}\n`)
      return { ok: false, status: 0, headers: new Headers(), body: undefined }
    }
  }

  const sessions = '/v1/chat/voice-sessions'
  return {
    start: ({ agentId, name, idempotencyKey }: Start) =>
      send('POST', sessions, { body: { agent_id: agentId, ...(name && { metadata: { name } }) }, idempotencyKey }),
    session: (roomName: string) => send('GET', `${sessions}/${encodeURIComponent(roomName)}`),
    end: (roomName: string) => send('DELETE', `${sessions}/${encodeURIComponent(roomName)}`),
    credits: () => send('GET', '/v1/credits'),
    /** The newest hundred, in one request: all callers of this backend share the key's limit. */
    agents: () => send('GET', '/v1/agents?limit=100'),
  }
}

/** The API's refusal of a wrong name speaks of the metadata that the name goes into; the page, or its user, knows this field. */
export function inWordsOf(field: string, answer: ApiAnswer): ApiAnswer {
  if (answer.headers.get('X-Error-Code') !== 'invalid_metadata') return answer
  return { ...answer, body: { detail: `${field} must be a text of at most 500 characters` } }
}

/** @param failure what the page is told when there is no answer */
export function passOn(answer: ApiAnswer, res: PageResponse, failure: string): void {
  if (answer.status === 0) return void res.status(500).json({ error: failure })
  for (const name of HEADERS) {
    const value = answer.headers.get(name)
    if (value !== null) res.set(name, value)
  }
  res.status(answer.status).json(answer.body)
}

interface Start {
  agentId: string
  /** Who speaks, as the agent is to call them. It goes into the call's metadata, where the worker finds it. */
  name?: string | undefined
  idempotencyKey?: string | undefined
}

interface Content {
  body?: unknown
  idempotencyKey?: string | undefined
}
