// Step 3, and the money side of step 4: credits are held before LiveKit is asked, and come back before the answer leaves
// when LiveKit fails. Fail-closed: whatever is not a clear yes of the ledger is a refusal.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { InsufficientCredits, ServiceUnavailable, TooManySessions } from '../../errors.ts'
import { formatRoomName } from '../../room-name.ts'
import { createLanes } from './lanes.ts'

declare module 'fastify' {
  interface FastifyInstance {
    credits: Credits
  }
}

type Repositories = FastifyInstance['repositories']
type Agent = NonNullable<Awaited<ReturnType<Repositories['findAgent']>>>
type Caller = FastifyRequest['caller']

/** A session that holds credits. */
export interface HeldSession {
  room_name: string
  organization_id: string
  user_id: string
  agent_id: string
  agent_name: string
  created_at: Date
  /** In whose hands the session is: 1 for the request that made it, more for one that took it over. */
  attempt: number
  /** True where an earlier request with the same Idempotency-Key made it: it is not made again. */
  is_replay: boolean
}

export interface Credits {
  /**
   * Holds one minute's credits and opens a session with a name of its own; with an Idempotency-Key that was used before,
   * the session that it belongs to. Throws InsufficientCredits, TooManySessions, and what `resumeSession` throws.
   */
  hold(caller: Caller, agent: Agent, idempotencyKey: string | undefined): Promise<HeldSession>
  /**
   * Makes the session active once `createRoom` has resolved with the room's sid. Where that throws, the held credits are
   * returned first, the room is deleted without waiting, and the error goes on.
   */
  activate(session: HeldSession, createRoom: (session: HeldSession) => Promise<string>): Promise<void>
}

/** Rounds after which a busy ledger is called unavailable: one is lost to every racer of the same user and millisecond. */
const holdRounds = 100

/** Holds of one organization under way at once: more would wait for its row, with a connection each. */
const holdsPerOrganization = 1
/** As long as for a connection. */
const maxWaitMilliseconds = 1000

async function credits(app: FastifyInstance) {
  const { repositories, calls, metrics, log, resumeSession } = app
  const lanes = createLanes({ perName: holdsPerOrganization, maxWaitMilliseconds })

  app.decorate('credits', {
    async hold(caller, agent, idempotencyKey) {
      const { api_key_id, organization_id, user_id } = caller
      const { id: agent_id, name: agent_name, credits_per_minute: rate } = agent
      const idempotency_key = idempotencyKey ?? null
      let timestamp = Date.now()
      for (let round = 0; round < holdRounds; round++) {
        const earlier = idempotencyKey === undefined ? undefined : await resumeSession(caller, agent, idempotencyKey)
        if (earlier) return earlier
        const room_name = formatRoomName({ agentId: agent_id, userId: user_id, timestamp })
        const session = { room_name, organization_id, api_key_id, user_id, agent_id, agent_name, idempotency_key, rate }
        const hold = await lanes(organization_id, () => repositories.holdMinute(session))
        if (hold?.created_at) {
          metrics.creditsHeld.inc(rate)
          return { ...session, created_at: hold.created_at, attempt: 1, is_replay: false }
        }
        // An organization that is not there has no credits.
        const refusal = hold?.refusal ?? 'insufficient_credits'
        if (refusal === 'too_many_sessions') throw new TooManySessions()
        if (refusal === 'insufficient_credits') throw new InsufficientCredits()
        if (refusal === 'name_taken') timestamp += 1
      }
      throw new ServiceUnavailable({ cause: new Error(`no hold after ${holdRounds} rounds`) })
    },

    async activate(session, createRoom) {
      if (session.is_replay) return
      const { room_name, attempt } = session
      const room_sid = await createRoom(session).catch(async (error) => {
        if (await calls.settle(room_name, { end_reason: 'create_failed', until: 'now', attempt }))
          calls.deleteRoom(room_name)
        throw error
      })
      if (await repositories.activate({ room_name, attempt, room_sid })) {
        log.info({ room_name, organization_id: session.organization_id }, 'session active')
        return
      }
      // Ended meanwhile, or in other hands; or gone, because PostgreSQL crashed before the hold was on its disk.
      const status = await repositories.findStatus(room_name)
      if (status === 'ended' || status === undefined) calls.deleteRoom(room_name)
      throw new ServiceUnavailable({
        cause: new Error(`no longer in these hands once its room was made: ${status ?? 'lost'}`),
      })
    },
  } satisfies Credits)
}

export default fp(credits, { name: 'credits', dependencies: ['database', 'calls', 'idempotency', 'metrics'] })
