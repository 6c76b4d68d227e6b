// createVoiceSession: the five steps of the published page, in its order and its words.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { contextOf, isMetadata, isUserIdentifier, traceparentOf } from '../contract/context.ts'
import {
  type CreateVoiceSessionRequest,
  createVoiceSession as operation,
  type VoiceSessionConnection,
} from '../contract/openapi.gen.ts'
import * as errors from '../errors.ts'

interface Route {
  Body: CreateVoiceSessionRequest
  Headers: { 'idempotency-key'?: string; traceparent?: string }
}

/** An allow-list: an architecture that nobody has decided on is refused. */
const voiceArchitectures = ['pipeline', 'realtime']

/** What the schema cannot say of the context, in the contract's order: the schema refuses a body without an agent first. */
async function judgeContext({ body }: FastifyRequest): Promise<void> {
  const { agent_id, metadata, user_identifier } = (body ?? {}) as Record<string, unknown>
  if (typeof agent_id !== 'string' || agent_id.trim() === '') return
  if (metadata !== undefined && !isMetadata(metadata)) throw new errors.InvalidMetadata()
  if (user_identifier !== undefined && !isUserIdentifier(user_identifier)) throw new errors.InvalidUserIdentifier()
}

async function createVoiceSession(app: FastifyInstance) {
  app.route<Route>({
    ...operation,
    onRequest: app.requireApiKey, // 1. API Key Validated
    preValidation: judgeContext,
    schemaErrorFormatter: (_errors, part) =>
      part === 'body' ? new errors.AgentIdRequired() : new errors.InvalidIdempotencyKey(),
    handler,
  })

  async function handler(request: FastifyRequest<Route>, reply: FastifyReply): Promise<VoiceSessionConnection> {
    const { id: request_id, body, headers, caller } = request
    const idempotency_key = headers['idempotency-key'] ?? null

    // 2. Agent Verified
    const agent = await app.repositories.findAgent(body.agent_id, caller.organization_id)
    if (!agent) throw new errors.AgentNotFound()
    if (!voiceArchitectures.includes(agent.architecture)) throw new errors.AgentHasNoVoice()

    // 3. Credit Check
    const asked = { ...contextOf(body), traceparent: traceparentOf(headers.traceparent), idempotency_key, request_id }
    const session = await app.credits.hold(caller, agent, asked)
    request.roomName = session.room_name
    if (session.is_replay) reply.header('idempotency-replayed', 'true')

    // 4. Room Created
    await app.calls.begin(session, app.livekit.createRoom)

    // 5. Token Generated
    const token = await app.livekit.createToken(session)

    return {
      room_name: session.room_name,
      token,
      livekit_url: app.livekit.url,
      agent_name: session.agent_name,
    }
  }
}

export default fp(createVoiceSession, {
  name: 'create-voice-session',
  dependencies: ['key-auth', 'request-log', 'database', 'credits', 'calls', 'livekit'],
})
