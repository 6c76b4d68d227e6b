// getVoiceSession: what is known of one session of the organization.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { getVoiceSession as operation, type VoiceSession } from '../contract/openapi.gen.ts'
import { toVoiceSession } from '../contract/voice-session.ts'
import { SessionNotFound } from '../errors.ts'

interface Route {
  Params: { room_name: string }
}

async function getVoiceSession(app: FastifyInstance) {
  app.route<Route>({ ...operation, onRequest: app.requireApiKey, handler })

  async function handler(request: FastifyRequest<Route>): Promise<VoiceSession> {
    const { params, caller } = request
    const { organization_id } = caller
    const read = () => app.repositories.findSession(params.room_name, organization_id)
    const session = await app.lanes.read(organization_id, read)
    if (!session) throw new SessionNotFound()
    request.roomName = session.room_name
    return toVoiceSession(session)
  }
}

export default fp(getVoiceSession, {
  name: 'get-voice-session',
  dependencies: ['key-auth', 'request-log', 'database', 'organization-lanes'],
})
