// What the page asks of its backend proxy (examples/backend-proxy). No API key here: that is the proxy's.

/** The last three are absent where the API does not know the agent, or was not reached. */
export interface Agent {
  agent_id: string
  name: string
  architecture?: string
  credits_per_minute?: number
  max_call_minutes?: number
}

export interface Credits {
  available: number
  held: number
}

/** What createVoiceSession answers. */
export interface Session {
  room_name: string
  token: string
  livekit_url: string
  agent_name: string
}

/** The fields of a VoiceSession that the page shows; the last three are there once it has ended. */
export interface SessionState {
  status: 'creating' | 'active' | 'ended'
  metadata?: Record<string, string>
  end_reason?: string
  seconds_billed?: number
  credits_charged?: number
}

/** An answer other than a success; code and detail, its sentence, are the API's, absent where that was not reached. */
export class BackendError extends Error {
  override readonly name = 'BackendError'
  readonly status: number
  readonly code: string | undefined
  readonly detail: string | undefined
  readonly retryAfterSeconds: number | undefined
  readonly requestId: string | undefined

  constructor(response: Response, body: { detail?: string } | undefined) {
    super(body?.detail ?? `status ${response.status}`)
    this.status = response.status
    this.code = response.headers.get('X-Error-Code') ?? undefined
    this.detail = body?.detail
    this.retryAfterSeconds = Number(response.headers.get('Retry-After')) || undefined
    this.requestId = response.headers.get('X-Request-Id') ?? undefined
  }
}

/** The backend proxy did not answer. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
}

async function ask<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`/api/voice/${path}`, init).catch((cause) => {
    throw new UnreachableError('the backend proxy does not answer', { cause })
  })
  const body = await response.json().catch(() => undefined)
  if (!response.ok) throw new BackendError(response, body)
  return body
}

export const getAgents = () => ask<{ agents: Agent[] }>('agents').then(({ agents }) => agents)

export const getCredits = () => ask<Credits>('credits')

/**
 * @param name of who speaks, for the agent; may be empty
 * @param idempotencyKey one for each call that is meant: a repeat after a lost answer gets the same session
 */
export const startSession = (agentId: string, name: string, idempotencyKey: string) =>
  ask<Session>('start', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': idempotencyKey },
    body: JSON.stringify({ agent_id: agentId, name }),
  })

/** The session when it has ended, of which the backend tells; undefined where it does not before the signal. */
export function untilEnded(roomName: string, signal: AbortSignal): Promise<SessionState | undefined> {
  const source = new EventSource(`/api/voice/sessions/${roomName}/receipt`)
  const ended = new Promise<SessionState | undefined>((resolve) => {
    source.addEventListener('ended', ({ data }) => resolve(JSON.parse(data)))
    signal.addEventListener('abort', () => resolve(undefined))
  })
  return ended.finally(() => source.close())
}

/** Outlives the page, which may be on its way out. */
export const endSession = (roomName: string) =>
  ask<SessionState>(`sessions/${roomName}`, { method: 'DELETE', keepalive: true })
