// createVoiceSession: the five steps of the published page, in its order and its words.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import {
  type CreateVoiceSessionRequest,
  createVoiceSession as operation,
  type VoiceSessionConnection,
} from '../contract/openapi.gen.ts'
import { AgentHasNoVoice, AgentIdRequired, AgentNotFound } from '../errors.ts'

interface Route {
  Body: CreateVoiceSessionRequest
}

/** An allow-list: an architecture that nobody has decided on is refused. */
const voiceArchitectures = ['pipeline', 'realtime']

async function createVoiceSession(app: FastifyInstance) {
  app.route<Route>({
    ...operation,
    onRequest: app.requireApiKey, // 1. API Key Validated
    schemaErrorFormatter: () => new AgentIdRequired(),
    handler,
  })

  async function handler({ body, caller }: FastifyRequest<Route>): Promise<VoiceSessionConnection> {
    // 2. Agent Verified
    const agent = await app.repositories.findAgent(body.agent_id, caller.organization_id)
    if (!agent) throw new AgentNotFound()
    if (!voiceArchitectures.includes(agent.architecture)) throw new AgentHasNoVoice()

    // 3. Credit Check
    const session = await app.credits.hold(caller, agent)

    // 4. Room Created
    await app.credits.activate(session, app.livekit.createRoom)

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
  dependencies: ['key-auth', 'database', 'credits', 'livekit'],
})
