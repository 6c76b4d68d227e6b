// A repeated Idempotency-Key: the session that it belongs to is answered again, or taken over where its request is gone. Where
// the session is over and cost nothing, the key may begin anew.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { IdempotencyKeyReused, RequestInProgress } from '../../errors.ts'
import { phaseOf } from '../../lifecycle.ts'
import type { Agent, AgentDefaults } from '../../repositories/agents.ts'
import type { Caller } from '../../repositories/api-keys.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { Asked, HeldSession } from './held-session.ts'
import { traceOf } from './trace.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * The session that the key belongs to, ready to go on with; undefined where there is no key, or it may begin anew. Throws
     * IdempotencyKeyReused where it was for another request, RequestInProgress while the session belongs to another.
     */
    resumeSession(caller: Caller, agent: Agent, asked: Asked): Promise<HeldSession | undefined>
  }
}

async function idempotency(app: FastifyInstance, defaults: AgentDefaults) {
  const { repositories, log } = app

  app.decorate('resumeSession', async (caller, agent, asked) => {
    const { idempotency_key: key, traceparent } = asked
    if (key === null) return undefined
    const { organization_id, user_id } = caller
    const request = { agent_id: agent.id, fingerprint: fingerprintOf(agent.id, asked) }
    const found = await repositories.findByIdempotencyKey(organization_id, user_id, key, request)
    if (!found) return undefined
    const { is_same, is_leased, is_lately_charged, ...session } = found
    if (!is_same) throw new IdempotencyKeyReused()
    const { room_name } = session
    const phase = phaseOf(session)
    if (phase === 'ending') throw new RequestInProgress()
    if (phase === 'creating' && is_leased) throw new RequestInProgress()
    if (phase === 'active' || is_lately_charged) return { ...session, is_replay: true, is_open: phase === 'active' }
    if (phase === 'creating') {
      const taken = await repositories.takeOver(room_name, session.attempt, defaults)
      if (taken === undefined) throw new RequestInProgress()
      log.info({ ...traceOf({ room_name, ...taken }), attempt: taken.attempt }, 'session taken over')
      const { architecture } = agent
      return { ...session, ...taken, architecture, traceparent, is_replay: false, is_open: true }
    }
    await repositories.freeIdempotencyKey(room_name)
    return undefined
  })
}

export default fp(idempotency, { name: 'idempotency', dependencies: ['database'] })
