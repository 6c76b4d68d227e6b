// LiveKit's events as LiveKit sends them: the JSON of its WebhookEvent, signed with the API secret over the body's hash.
import { createHash, randomUUID } from 'node:crypto'
import { AccessToken } from 'livekit-server-sdk'
import { parts } from './parts.ts'

export interface LiveKitEvent {
  event: string
  room?: { name: string; sid?: string }
  participant?: Record<string, unknown>
  /** Unix seconds, as text: int64 in JSON. */
  createdAt?: string
}

/** So many seconds ago, as an event says it. */
export const seconds = (ago: number) => String(Math.floor(Date.now() / 1000) - ago)

/** Signed as LiveKit does; `secret`, `signedBody` and `ttl` make it a forgery. */
export async function signed(body: string, { secret = parts.livekitApiSecret, signedBody = body, ttl = '5m' } = {}) {
  const token = new AccessToken(parts.livekitApiKey, secret, { ttl })
  token.sha256 = createHash('sha256').update(signedBody).digest('base64')
  return token.toJwt()
}

/** Sends an event to the service as LiveKit would; the answer. */
export async function sendLiveKitEvent<Answer>(
  request: (path: string, init: RequestInit) => Promise<Answer>,
  event: LiveKitEvent,
) {
  const body = JSON.stringify({ createdAt: String(Math.floor(Date.now() / 1000)), ...event })
  const headers = { 'content-type': 'application/webhook+json', authorization: await signed(body) }
  return request('/webhooks/livekit', { method: 'POST', headers, body })
}

/** ParticipantInfo of LiveKit's JSON, seconds from now; the kind STANDARD is absent there, and the agent the worker's. */
export function participant(kind: 'caller' | 'agent', joinedSecondsAgo: number, identity?: string) {
  const joinedAtMs = Date.now() - joinedSecondsAgo * 1000
  return {
    sid: `PA_${randomUUID()}`,
    identity: identity ?? (kind === 'agent' ? 'agent-AJ_1' : 'user123'),
    state: 'ACTIVE',
    joinedAt: String(Math.floor(joinedAtMs / 1000)),
    joinedAtMs: String(joinedAtMs),
    ...(kind === 'agent' && { kind: 'AGENT', attributes: { 'lk.agent_name': 'voice-agent' } }),
  }
}
