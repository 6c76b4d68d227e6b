// How calls begin and end. A call is ended in three moves, whoever ends it: the verdict is named, the room deleted, the
// session settled. Each transition is one line of log, and one count.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { ServiceUnavailable } from '../../errors.ts'
import type { Settlement } from '../../repositories/ledger.ts'
import type { MadeRoom } from '../../repositories/transitions.ts'
import { createEnding, type Ending, type Session } from './ending.ts'
import type { HeldSession, NewSession } from './held-session.ts'
import { traceOf } from './trace.ts'

declare module 'fastify' {
  interface FastifyInstance {
    calls: Calls
  }
}

export interface Calls extends Ending {
  /**
   * Step 4: makes the session active once `createRoom` has resolved with the room. Where that throws, the held credits
   * are returned first, the room is deleted without waiting, and the error goes on. Throws ServiceUnavailable where the
   * session was ended or taken over meanwhile. A replay has begun already.
   */
  begin(session: HeldSession, createRoom: (session: NewSession) => Promise<MadeRoom>): Promise<void>
  /** Ends a session whose room is still being made; the request that makes it finds out and answers 503. */
  cancel(session: Session): Promise<void>
  /** Settles the session where it is still open: true where this call did it. Without its organization that is read first. */
  settle(roomName: string, settlement: Settlement, organizationId?: string): Promise<boolean>
  /** Holds so many credits more and sets the next look; false where either was not to be had. */
  extend(session: Session & { attempt: number }, credits: number, wakeAt: Date): Promise<boolean>
  /** Deletes the room without waiting and without failing: the sweep finds what stays. */
  deleteRoom(roomName: string): void
}

async function calls(app: FastifyInstance) {
  const { repositories, lanes, deletions, metrics, log } = app

  app.decorate('calls', {
    ...createEnding(app),

    async begin(session, createRoom) {
      if (session.is_replay) return
      const { room_name, attempt, organization_id } = session
      const room = await createRoom(session).catch(async (error) => {
        const settlement = { end_reason: 'create_failed', until: 'now', attempt } as const
        if (await this.settle(room_name, settlement, organization_id)) this.deleteRoom(room_name)
        throw error
      })
      if (await repositories.activate({ room_name, attempt, ...room })) {
        log.info({ ...traceOf(session), organization_id }, 'session active')
        return
      }
      // Ended or taken over meanwhile; or gone, because PostgreSQL crashed before the hold was on its disk.
      const status = await repositories.findStatus(room_name)
      if (status === 'ended' || status === undefined) this.deleteRoom(room_name)
      throw new ServiceUnavailable({
        cause: new Error(`the session was ended or taken over while its room was made: ${status ?? 'lost'}`),
      })
    },

    async cancel({ room_name, organization_id }) {
      await this.settle(room_name, { end_reason: 'ended_by_api', until: 'now' }, organization_id)
      this.deleteRoom(room_name)
    },

    async settle(room_name, settlement, organizationId) {
      const payer = organizationId ?? (await repositories.findOrganizationOf(room_name))
      if (payer === undefined) return false
      const settled = await lanes.settlement(payer, () => repositories.settle(room_name, settlement))
      if (!settled) return false
      const { end_reason, held, charged, seconds_billed, organization_id } = settled
      metrics.sessionsEnded.inc({ end_reason })
      metrics.creditsCharged.inc(charged)
      metrics.creditsReturned.inc(held - charged)
      const trace = traceOf({ room_name, ...settled })
      log.info({ ...trace, organization_id, end_reason, held, charged, seconds_billed }, 'session ended')
      return true
    },

    extend: (session, credits, wakeAt) =>
      lanes.settlement(session.organization_id, () => repositories.extend(session, credits, wakeAt)),

    deleteRoom(room_name) {
      deletions.begin(room_name, 'call')
    },
  } satisfies Calls)
}

export default fp(calls, {
  name: 'calls',
  dependencies: ['database', 'livekit', 'metrics', 'organization-lanes', 'deletions'],
})
