// A repeated Idempotency-Key: the session that it belongs to is answered again, taken over where its maker is gone, or over,
// so that the key may begin anew.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { IdempotencyKeyReused, RequestInProgress } from '../../errors.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * The session that a key belongs to, ready to go on with; undefined where the key may begin anew. Throws
     * IdempotencyKeyReused where it was another agent's, RequestInProgress while another request has the session in hand.
     */
    resumeSession(caller: Caller, agent: { id: string }, key: string): Promise<HeldSession | undefined>
  }
}

type Caller = FastifyRequest['caller']
type HeldSession = Parameters<FastifyInstance['credits']['activate']>[0]

async function idempotency(app: FastifyInstance) {
  const { repositories, log } = app

  app.decorate('resumeSession', async (caller, agent, key) => {
    const session = await repositories.findByIdempotencyKey(caller.organization_id, caller.user_id, key)
    if (!session) return undefined
    if (session.agent_id !== agent.id) throw new IdempotencyKeyReused()
    const { status, is_leased, is_lately_charged, end_reason } = session
    if (status === 'active' && end_reason !== null) throw new RequestInProgress()
    if (status === 'creating' && is_leased) throw new RequestInProgress()
    if (status === 'active' || is_lately_charged) return { ...session, is_replay: true }
    if (status === 'creating') {
      const attempt = await repositories.takeOver(session.room_name, session.attempt)
      if (attempt === undefined) throw new RequestInProgress()
      log.info({ room_name: session.room_name, attempt }, 'session taken over')
      return { ...session, attempt, is_replay: false }
    }
    await repositories.freeIdempotencyKey(session.room_name)
    return undefined
  })
}

export default fp(idempotency, { name: 'idempotency', dependencies: ['database'] })
