// How calls begin and end. A call is ended in three moves, whoever ends it: the verdict is named, the room deleted, the
// session settled. Each transition is one line of log, and one count.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { ServiceUnavailable } from '../../errors.ts'
import type { EndReason, EndStep } from '../../lifecycle.ts'
import type { Settlement } from '../../repositories/ledger.ts'
import { verdictSeconds } from '../../timings.ts'
import type { HeldSession } from './held-session.ts'

declare module 'fastify' {
  interface FastifyInstance {
    calls: Calls
  }
}

type Session = Pick<HeldSession, 'room_name' | 'organization_id'>

export interface Calls {
  /**
   * Step 4: makes the session active once `createRoom` has resolved with the room's sid. Where that throws, the held credits
   * are returned first, the room is deleted without waiting, and the error goes on. Throws ServiceUnavailable where the
   * session was ended or taken over meanwhile. A replay has begun already.
   */
  begin(session: HeldSession, createRoom: (session: HeldSession) => Promise<string>): Promise<void>
  /**
   * Ends an active session. Throws ServiceUnavailable where the room could not be deleted, or the organization ends too many
   * at once; the verdict stands.
   */
  end(session: Session, reason: EndReason): Promise<void>
  /** Carries a look's decision out, unless the session has changed, or the look has become too old, meanwhile: then false. */
  endAfterLook(session: { room_name: string; attempt: number }, step: EndStep): Promise<boolean>
  /** Ends a session whose room is still being made; the request that makes it finds out and answers 503. */
  cancel(session: Session): Promise<void>
  /** Deletes the room of a session that has its verdict, then settles it. Throws as `end` does. */
  carryOut(roomName: string, reason: EndReason): Promise<void>
  /** Settles the session where it is still open: true where this call did it. Without its organization that is read first. */
  settle(roomName: string, settlement: Settlement, organizationId?: string): Promise<boolean>
  /** Holds so many credits more and sets the next look; false where either was not to be had. */
  extend(session: Session & { attempt: number }, credits: number, wakeAt: Date): Promise<boolean>
  /** Deletes the room without waiting and without failing: the sweep finds what stays. */
  deleteRoom(roomName: string): void
}

async function calls(app: FastifyInstance) {
  const { repositories, livekit, lanes, deletions, metrics, log } = app

  app.decorate('calls', {
    async begin(session, createRoom) {
      if (session.is_replay) return
      const { room_name, attempt, organization_id } = session
      const room_sid = await createRoom(session).catch(async (error) => {
        const settlement = { end_reason: 'create_failed', until: 'now', attempt } as const
        if (await this.settle(room_name, settlement, organization_id)) this.deleteRoom(room_name)
        throw error
      })
      if (await repositories.activate({ room_name, attempt, room_sid })) {
        log.info({ room_name, organization_id }, 'session active')
        return
      }
      // Ended or taken over meanwhile; or gone, because PostgreSQL crashed before the hold was on its disk.
      const status = await repositories.findStatus(room_name)
      if (status === 'ended' || status === undefined) this.deleteRoom(room_name)
      throw new ServiceUnavailable({
        cause: new Error(`the session was ended or taken over while its room was made: ${status ?? 'lost'}`),
      })
    },

    async end({ room_name, organization_id }, end_reason) {
      const name = () => repositories.nameVerdict(room_name, end_reason, verdictSeconds)
      if (await lanes.verdict(organization_id, name)) log.info({ room_name, end_reason }, 'session ending')
      await lanes.end(organization_id, () => this.carryOut(room_name, end_reason))
    },

    async endAfterLook({ room_name, attempt }, { reason: end_reason, unlessAgentCame }) {
      if (!(await repositories.nameVerdictOfLook({ room_name, attempt }, end_reason, unlessAgentCame))) return false
      log.info({ room_name, end_reason }, 'session ending')
      await this.carryOut(room_name, end_reason)
      return true
    },

    async cancel({ room_name, organization_id }) {
      await this.settle(room_name, { end_reason: 'ended_by_api', until: 'now' }, organization_id)
      this.deleteRoom(room_name)
    },

    async carryOut(room_name, end_reason) {
      await livekit.deleteRoom(room_name).catch(async (error) => {
        // A room that somebody else is just deleting may not answer; what matters is whether the call is over.
        if ((await repositories.findStatus(room_name)) !== 'ended') throw error
      })
      await this.settle(room_name, { end_reason, until: 'now' })
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
      log.info({ room_name, organization_id, end_reason, held, charged, seconds_billed }, 'session ended')
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
