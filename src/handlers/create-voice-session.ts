// createVoiceSession: the five steps of the published page, in its order and its words.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import {
  type CreateVoiceSessionRequest,
  createVoiceSession as operation,
  type VoiceSessionConnection,
} from '../contract/openapi.gen.ts'
import { AgentHasNoVoice, AgentIdRequired, AgentNotFound, InvalidIdempotencyKey } from '../errors.ts'

interface Route {
  Body: CreateVoiceSessionRequest
  Headers: { 'idempotency-key'?: string }
}

/** An allow-list: an architecture that nobody has decided on is refused. */
const voiceArchitectures = ['pipeline', 'realtime']

async function createVoiceSession(app: FastifyInstance) {
  app.route<Route>({
    ...operation,
    onRequest: app.requireApiKey, // 1. API Key Validated
    schemaErrorFormatter: (_errors, part) => (part === 'body' ? new AgentIdRequired() : new InvalidIdempotencyKey()),
    handler,
  })

  async function handler(request: FastifyRequest<Route>, reply: FastifyReply): Promise<VoiceSessionConnection> {
    const { body, headers, caller } = request

    // 2. Agent Verified
    const agent = await app.repositories.findAgent(body.agent_id, caller.organization_id)
    if (!agent) throw new AgentNotFound()
    if (!voiceArchitectures.includes(agent.architecture)) throw new AgentHasNoVoice()

    // 3. Credit Check
    const session = await app.credits.hold(caller, agent, headers['idempotency-key'])
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
  dependencies: ['key-auth', 'database', 'credits', 'calls', 'livekit'],
})
