// How calls begin and end. A call is ended in three moves, whoever ends it: the verdict is named, the room deleted, the
// session settled. Each transition is one line of log, and one count.
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { ServiceUnavailable } from '../../errors.ts'
import type { EndReason, EndStep } from '../../lifecycle.ts'
import type { Settlement } from '../../repositories/ledger.ts'
import type { MadeRoom } from '../../repositories/transitions.ts'
import { endingLookMilliseconds, verdictSeconds } from '../../timings.ts'
import type { HeldSession } from './held-session.ts'
import { recordPresence, type Seen } from './presence.ts'

declare module 'fastify' {
  interface FastifyInstance {
    calls: Calls
  }
}

export interface Calls {
  /**
   * Step 4: makes the session active once `createRoom` has resolved with the room. Where that throws, the held credits
   * are returned first, the room is deleted without waiting, and the error goes on. Throws ServiceUnavailable where the
   * session was ended or taken over meanwhile. A replay has begun already.
   */
  begin(session: HeldSession, createRoom: (session: HeldSession) => Promise<MadeRoom>): Promise<void>
  /** Ends an active session. Throws ServiceUnavailable where the room could not be deleted; the verdict stands. */
  end(roomName: string, reason: EndReason): Promise<void>
  /** Carries a look's decision out, unless the session has changed, or the look has become too old, meanwhile: then false. */
  endAfterLook(session: { room_name: string; attempt: number }, step: EndStep): Promise<boolean>
  /** Ends a session whose room is still being made; the request that makes it finds out and answers 503. */
  cancel(roomName: string): Promise<void>
  /** Looks into the room of a session that has its verdict, deletes it, then settles the session. Throws as `end` does. */
  carryOut(session: Seen, reason: EndReason): Promise<void>
  /**
   * Somebody who has LiveKit's key deleted the room at that time, on LiveKit's clock: names the verdict where there is none.
   * LiveKit's next event, that the room is closed, settles the session.
   */
  endAsDeleted(roomName: string, roomSid: string, at: Date): Promise<void>
  /** Settles the session where it is still open: true where this call did it. */
  settle(roomName: string, settlement: Settlement): Promise<boolean>
  /** Deletes the room without waiting and without failing: the sweep finds what stays. */
  deleteRoom(roomName: string): void
}

/** The result of the work; rejects where an end would wait too long for it. */
const inTime = <Result>(work: Promise<Result>): Promise<Result> => {
  const late = sleep(endingLookMilliseconds, undefined, { ref: false })
  return Promise.race([work, late.then(() => Promise.reject(new Error('the look takes too long')))])
}

async function calls(app: FastifyInstance) {
  const { repositories, livekit, metrics, log } = app

  async function deleteAndSettle(room_name: string, end_reason: EndReason): Promise<void> {
    await livekit.deleteRoom(room_name).catch(async (error) => {
      // A room that somebody else is just deleting may not answer; what matters is whether the call is over.
      if ((await repositories.findStatus(room_name)) !== 'ended') throw error
    })
    await app.calls.settle(room_name, { end_reason, until: 'now' })
  }

  app.decorate('calls', {
    async begin(session, createRoom) {
      if (session.is_replay) return
      const { room_name, attempt, organization_id } = session
      const room = await createRoom(session).catch(async (error) => {
        if (await this.settle(room_name, { end_reason: 'create_failed', until: 'now', attempt }))
          this.deleteRoom(room_name)
        throw error
      })
      if (await repositories.activate({ room_name, attempt, ...room })) {
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

    async end(room_name, end_reason) {
      const { is_named, now } = await repositories.nameVerdict(room_name, end_reason, verdictSeconds)
      if (is_named) log.info({ room_name, end_reason }, 'session ending')
      await this.carryOut({ room_name, now, waiting_since: null }, end_reason)
    },

    async endAfterLook({ room_name, attempt }, { reason: end_reason, absent }) {
      if (!(await repositories.nameVerdictOfLook({ room_name, attempt }, end_reason, absent))) return false
      log.info({ room_name, end_reason }, 'session ending')
      await deleteAndSettle(room_name, end_reason)
      return true
    },

    async cancel(room_name) {
      await this.settle(room_name, { end_reason: 'ended_by_api', until: 'now' })
      this.deleteRoom(room_name)
    },

    async carryOut(session, end_reason) {
      // Who joined since the last look would otherwise be unknown where LiveKit's events are lost.
      const participants = await inTime(livekit.listParticipants(session.room_name)).catch(() => [])
      await recordPresence(app, session, participants)
      await deleteAndSettle(session.room_name, end_reason)
    },

    async endAsDeleted(room_name, room_sid, at) {
      const end_reason = 'ended_by_agent'
      if (await repositories.nameDeletion(room_name, room_sid, at))
        log.info({ room_name, end_reason }, 'session ending')
    },

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
  } satisfies Calls)
}

export default fp(calls, { name: 'calls', dependencies: ['database', 'livekit', 'metrics'] })
