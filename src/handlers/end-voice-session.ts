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

  async function handler({ params, caller }: FastifyRequest<Route>): Promise<VoiceSession> {
    const find = async () => {
      const session = await app.repositories.findSession(params.room_name, caller.organization_id)
      if (!session) throw new SessionNotFound()
      return session
    }
    const session = await find()
    if (session.status === 'creating') await app.calls.cancel(session.room_name)
    if (session.status === 'active') await app.calls.end(session.room_name, 'ended_by_api')
    return toVoiceSession(await find())
  }
}

export default fp(endVoiceSession, { name: 'end-voice-session', dependencies: ['key-auth', 'database', 'calls'] })
