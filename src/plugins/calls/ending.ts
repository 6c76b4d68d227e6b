// How a call is ended, by whomever: the verdict is named, the room looked into and deleted, the session settled.
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { EndReason } from '../../lifecycle.ts'
import type { EndStep } from '../../next-step.ts'
import { endingLookMilliseconds, verdictSeconds } from '../../timings.ts'
import type { HeldSession } from './held-session.ts'
import { listPresent, recordPresence, type Seen } from './presence.ts'
import { traceOf } from './trace.ts'

export type Session = Pick<HeldSession, 'room_name' | 'organization_id'>

export interface Ending {
  /**
   * Ends an active session. Throws ServiceUnavailable where the room could not be deleted, or the organization ends too many
   * at once; the verdict stands.
   */
  end(session: Session, reason: EndReason): Promise<void>
  /** Carries a look's decision out, unless the session has changed, or the look has become too old, meanwhile: then false. */
  endAfterLook(session: Session & { attempt: number; request_id: string | null }, step: EndStep): Promise<boolean>
  /** Looks into the room of a session that has its verdict, deletes it, then settles the session. Throws as `end` does. */
  carryOut(session: Seen, reason: EndReason): Promise<void>
  /**
   * Somebody who has LiveKit's key deleted the room at that time, on LiveKit's clock: names the verdict where there is none.
   * LiveKit's next event, that the room is closed, settles the session.
   */
  endAsDeleted(roomName: string, roomSid: string, at: Date): Promise<void>
}

/** The result of the work; rejects where an end would wait too long for it. */
const inTime = <Result>(work: Promise<Result>): Promise<Result> => {
  const late = sleep(endingLookMilliseconds, undefined, { ref: false })
  return Promise.race([work, late.then(() => Promise.reject(new Error('the look takes too long')))])
}

export function createEnding(app: FastifyInstance): Ending {
  const { repositories, livekit, lanes, log } = app

  async function deleteAndSettle({ room_name, organization_id }: Session, end_reason: EndReason): Promise<void> {
    await livekit.deleteRoom(room_name).catch(async (error) => {
      // A room that somebody else is just deleting may not answer; what matters is whether the call is over.
      if ((await repositories.findStatus(room_name)) !== 'ended') throw error
    })
    await app.calls.settle(room_name, { end_reason, until: 'now' }, organization_id)
  }

  const ending: Ending = {
    async end({ room_name, organization_id }, end_reason) {
      const name = () => repositories.nameVerdict(room_name, end_reason, verdictSeconds)
      const { is_named, ...seen } = await lanes.verdict(organization_id, name)
      if (is_named) log.info({ ...traceOf({ room_name, ...seen }), end_reason }, 'session ending')
      await lanes.end(organization_id, () =>
        ending.carryOut({ room_name, organization_id, ...seen, waiting_since: null }, end_reason),
      )
    },

    async endAfterLook(session, { reason: end_reason, absent }) {
      if (!(await repositories.nameVerdictOfLook(session, end_reason, absent))) return false
      log.info({ ...traceOf(session), end_reason }, 'session ending')
      await deleteAndSettle(session, end_reason)
      return true
    },

    async carryOut(session, end_reason) {
      // Who joined since the last look would otherwise be unknown where LiveKit's events are lost.
      const participants = await inTime(listPresent(app, session.room_name)).catch(() => [])
      // Whatever the room holds, the call must end.
      await recordPresence(app, session, participants).catch((err) =>
        log.warn({ room_name: session.room_name, err }, 'who was in the room could not be written down'),
      )
      await deleteAndSettle(session, end_reason)
    },

    async endAsDeleted(room_name, room_sid, at) {
      const end_reason = 'ended_by_agent'
      const named = await repositories.nameDeletion(room_name, room_sid, at)
      if (named) log.info({ ...traceOf({ room_name, ...named }), end_reason }, 'session ending')
    },
  }
  return ending
}
