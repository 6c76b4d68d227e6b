// A repeated Idempotency-Key: the session that it belongs to is answered again, or taken over where its request is gone. Where
// the session is over and cost nothing, the key may begin anew.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { IdempotencyKeyReused, RequestInProgress } from '../../errors.ts'
import { phaseOf } from '../../lifecycle.ts'
import type { Caller } from '../../repositories/api-keys.ts'
import type { HeldSession } from './held-session.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * The session that a key belongs to, ready to go on with; undefined where the key may begin anew. Throws
     * IdempotencyKeyReused where it was another agent's, RequestInProgress while the session belongs to another request.
     */
    resumeSession(caller: Caller, agent: { id: string }, key: string): Promise<HeldSession | undefined>
  }
}

async function idempotency(app: FastifyInstance) {
  const { repositories, log } = app

  app.decorate('resumeSession', async (caller, agent, key) => {
    const session = await repositories.findByIdempotencyKey(caller.organization_id, caller.user_id, key)
    if (!session) return undefined
    if (session.agent_id !== agent.id) throw new IdempotencyKeyReused()
    const { room_name, is_leased, is_lately_charged } = session
    const phase = phaseOf(session)
    if (phase === 'ending') throw new RequestInProgress()
    if (phase === 'creating' && is_leased) throw new RequestInProgress()
    if (phase === 'active' || is_lately_charged) return { ...session, is_replay: true, is_open: phase === 'active' }
    if (phase === 'creating') {
      const attempt = await repositories.takeOver(room_name, session.attempt)
      if (attempt === undefined) throw new RequestInProgress()
      log.info({ room_name, attempt }, 'session taken over')
      return { ...session, attempt, is_replay: false, is_open: true }
    }
    await repositories.freeIdempotencyKey(room_name)
    return undefined
  })
}

export default fp(idempotency, { name: 'idempotency', dependencies: ['database'] })
