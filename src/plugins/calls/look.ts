// One look at a session whose time has come: asks LiveKit who is in the room, writes the facts down, and does what `nextStep`
// decides from them.
import type { FastifyInstance } from 'fastify'
import { phaseOf } from '../../lifecycle.ts'
import { type Limits, type Look, nextStep } from '../../next-step.ts'
import type { DueSession } from '../../repositories/looks.ts'
import { lostSeconds, watchfulLookSeconds } from '../../timings.ts'
import { listPresent, recordPresence } from './presence.ts'
import { traceOf } from './trace.ts'

/** Tries to extend a session before it is left to its next look; each failed because somebody else spent or changed it. */
const extendRounds = 3

/** Looks at a session. Resolves with false where its verdict came too late, or its session had changed: look again at once. */
export function createLook(app: FastifyInstance, limits: Limits): (due: DueSession) => Promise<boolean> {
  const { repositories, livekit, calls, metrics, log } = app
  const count = (action: string) => metrics.reaperActions.inc({ action })

  /** The room cannot be asked or deleted: LiveKit is down, or the room's node is, or the room is gone. */
  async function unreachable(due: DueSession): Promise<Look | undefined> {
    const { room_name, organization_id, end_reason, now } = due
    const named = await livekit.listRooms([room_name]).catch(() => undefined)
    if (!named) {
      // It would take the place of one that goes well again and again.
      if (end_reason !== null) await repositories.markLost(due)
      return 'outage'
    }
    if (!named.includes(room_name)) {
      if (end_reason !== null) await calls.settle(room_name, { end_reason, until: 'now' }, organization_id)
      else await repositories.wake(due, new Date(now.getTime() + watchfulLookSeconds * 1000))
      return undefined
    }
    count('lost')
    const lostFor = await repositories.markLost(due)
    if (lostFor !== undefined && lostFor > lostSeconds)
      await calls.settle(room_name, { end_reason: 'room_missing', until: 'unknown' }, organization_id)
    return undefined
  }

  /** Does what the facts, as they are by now, call for. */
  async function decide(due: DueSession, look: Look): Promise<boolean> {
    const { room_name } = due
    for (let round = 0; round < extendRounds; round++) {
      const situation = await repositories.findSituation(room_name)
      if (!situation) return true
      const step = nextStep(situation, look, limits)
      count(step.do)
      if (step.do === 'end') return calls.endAfterLook(due, step)
      if (step.do === 'wake') {
        await repositories.wake(due, step.at)
        return true
      }
      if (await calls.extend(due, step.credits, step.at)) {
        metrics.creditsHeld.inc(step.credits)
        log.info({ ...traceOf(due), credits: step.credits }, 'session extended')
        return true
      }
    }
    return true
  }

  return async (due) => {
    const { room_name, organization_id, status, end_reason, attempt } = due
    if (status === 'creating') {
      count(phaseOf(due) === 'ending' ? 'carry_out' : 'abandoned')
      const settlement = { end_reason: 'create_abandoned', until: 'now', attempt } as const
      if (await calls.settle(room_name, settlement, organization_id)) calls.deleteRoom(room_name)
      return true
    }
    if (end_reason !== null) {
      count('carry_out')
      await calls.carryOut(due, end_reason).catch(() => unreachable(due))
      return true
    }
    const participants = await listPresent(app, room_name).catch(() => undefined)
    const look = participants ? await recordPresence(app, due, participants) : await unreachable(due)
    return look === undefined || decide(due, look)
  }
}
