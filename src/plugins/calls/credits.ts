// Step 3: credits are held before LiveKit is asked. Fail-closed: whatever is not a clear yes of the ledger is a refusal.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { InsufficientCredits, InvalidApiKey, ServiceUnavailable, TooManySessions } from '../../errors.ts'
import type { Agent, AgentDefaults } from '../../repositories/agents.ts'
import type { Caller } from '../../repositories/api-keys.ts'
import { formatRoomName } from '../../room-name.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { Asked, HeldSession } from './held-session.ts'

declare module 'fastify' {
  interface FastifyInstance {
    credits: Credits
  }
}

export interface Credits {
  /**
   * Holds one minute's credits and opens a session with a name of its own; with an Idempotency-Key that was used before,
   * the session that it belongs to. Throws InsufficientCredits, TooManySessions, InvalidApiKey where the caller may not call
   * any more, and what `resumeSession` throws.
   */
  hold(caller: Caller, agent: Agent, asked: Asked): Promise<HeldSession>
}

/** Rounds after which a busy ledger is called unavailable. Each create of the same user in the same millisecond may cost one. */
const holdRounds = 100

async function credits(app: FastifyInstance, defaults: AgentDefaults) {
  const { repositories, lanes, metrics, resumeSession } = app

  app.decorate('credits', {
    async hold(caller, agent, asked) {
      const { organization_id, user_id } = caller
      const { id: agent_id, architecture } = agent
      const { traceparent, ...kept } = asked
      const fingerprint = asked.idempotency_key === null ? null : fingerprintOf(agent_id, asked)
      let timestamp = Date.now()
      for (let round = 0; round < holdRounds; round++) {
        const earlier = await resumeSession(caller, agent, asked)
        if (earlier) return earlier
        const room_name = formatRoomName({ agentId: agent_id, userId: user_id, timestamp })
        const session = { ...caller, ...kept, room_name, agent_id, fingerprint }
        const hold = await lanes.hold(organization_id, () => repositories.holdMinute(session, defaults))
        if (hold?.created_at) {
          metrics.creditsHeld.inc(hold.rate)
          return { ...session, ...hold, architecture, traceparent, attempt: 1, is_replay: false, is_open: true }
        }
        // An organization that is not there has no credits.
        const refusal = hold?.refusal ?? 'insufficient_credits'
        if (refusal === 'invalid_key') throw new InvalidApiKey()
        if (refusal === 'too_many_sessions') throw new TooManySessions()
        if (refusal === 'insufficient_credits') throw new InsufficientCredits()
        if (refusal === 'name_taken') timestamp += 1
      }
      throw new ServiceUnavailable({ cause: new Error(`no hold after ${holdRounds} rounds`) })
    },
  } satisfies Credits)
}

export default fp(credits, {
  name: 'credits',
  dependencies: ['database', 'idempotency', 'metrics', 'organization-lanes'],
})
