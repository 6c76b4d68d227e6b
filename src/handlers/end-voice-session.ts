// endVoiceSession: ends the call for everyone and settles it; a repeat answers the same.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { endVoiceSession as operation, type VoiceSession } from '../contract/openapi.gen.ts'
import { toVoiceSession } from '../contract/voice-session.ts'
import { SessionNotFound } from '../errors.ts'

interface Route {
  Params: { room_name: string }
}

async function endVoiceSession(app: FastifyInstance) {
  app.route<Route>({ ...operation, onRequest: app.requireApiKey, handler })

  async function handler(request: FastifyRequest<Route>): Promise<VoiceSession> {
    const { params, caller } = request
    const find = async () => {
      const { organization_id } = caller
      const read = () => app.repositories.findSession(params.room_name, organization_id)
      const session = await app.lanes.read(organization_id, read)
      if (!session) throw new SessionNotFound()
      return session
    }
    const { room_name, status } = await find()
    request.roomName = room_name
    const session = { room_name, organization_id: caller.organization_id }
    if (status === 'creating') await app.calls.cancel(session)
    if (status === 'active') await app.calls.end(session, 'ended_by_api')
    return toVoiceSession(await find())
  }
}

export default fp(endVoiceSession, {
  name: 'end-voice-session',
  dependencies: ['key-auth', 'request-log', 'database', 'organization-lanes', 'calls'],
})
