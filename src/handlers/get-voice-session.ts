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

  async function handler({ params, caller }: FastifyRequest<Route>): Promise<VoiceSession> {
    const { organization_id } = caller
    const read = () => app.repositories.findSession(params.room_name, organization_id)
    const session = await app.lanes.read(organization_id, read)
    if (!session) throw new SessionNotFound()
    return toVoiceSession(session)
  }
}

export default fp(getVoiceSession, {
  name: 'get-voice-session',
  dependencies: ['key-auth', 'database', 'organization-lanes'],
})
