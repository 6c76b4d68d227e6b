// How calls end, whoever ends them: the verdict is named, the room deleted, the session settled. One line of log and one
// count for each transition.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { EndReason } from '../../lifecycle.ts'

declare module 'fastify' {
  interface FastifyInstance {
    calls: Calls
  }
}

type Settlement = Parameters<FastifyInstance['repositories']['settle']>[1] & { end_reason: EndReason }

export interface Calls {
  /** Settles the session where it is still open: true where this call did it. */
  settle(roomName: string, settlement: Settlement): Promise<boolean>
  /** Deletes the room without waiting and without failing: the sweep finds what stays. */
  deleteRoom(roomName: string): void
  /**
   * Ends an active session: names the verdict, then carries it out. With an attempt (the reaper's) nothing is done where
   * the verdict could not be named. Throws ServiceUnavailable where the room could not be deleted; the verdict stands.
   */
  end(roomName: string, reason: EndReason, attempt?: number): Promise<void>
  /** Ends a session whose room is still being made; the request that makes it finds out and answers 503. */
  cancel(roomName: string): Promise<void>
  /** Deletes the room of a session that has its verdict, then settles it. Throws as `end` does. */
  carryOut(roomName: string, reason: EndReason): Promise<void>
}

async function calls(app: FastifyInstance) {
  const { repositories, livekit, metrics, log } = app

  app.decorate('calls', {
    async settle(room_name, settlement) {
      const settled = await repositories.settle(room_name, settlement)
      if (!settled) return false
      const { end_reason, held, charged, seconds_billed, organization_id } = settled
      metrics.sessionsEnded.inc({ end_reason })
      metrics.creditsCharged.inc(charged)
      metrics.creditsReturned.inc(held - charged)
      log.info({ room_name, organization_id, end_reason, held, charged, seconds_billed }, 'session ended')
      return true
    },

    deleteRoom(room_name) {
      livekit.deleteRoom(room_name).catch((err) => log.warn({ err, room_name }, 'room not deleted'))
    },

    async end(room_name, reason, attempt) {
      const named = await repositories.nameVerdict(room_name, reason, attempt ?? null)
      if (named) log.info({ room_name, end_reason: reason }, 'session ending')
      if (named || attempt === undefined) await this.carryOut(room_name, reason)
    },

    async cancel(room_name) {
      await this.settle(room_name, { end_reason: 'ended_by_api', until: 'now' })
      this.deleteRoom(room_name)
    },

    async carryOut(room_name, reason) {
      await livekit.deleteRoom(room_name).catch(async (error) => {
        // A room that somebody else is just deleting may not answer; what matters is whether the call is over.
        if ((await repositories.findStatus(room_name)) !== 'ended') throw error
      })
      await this.settle(room_name, { end_reason: reason, until: 'now' })
    },
  } satisfies Calls)
}

export default fp(calls, { name: 'calls', dependencies: ['database', 'livekit', 'metrics'] })
