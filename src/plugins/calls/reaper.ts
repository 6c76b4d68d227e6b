// The reaper: looks at every open session when its time has come, on every replica, without a leader. A look asks LiveKit who
// is in the room, writes the facts down, and does what `nextStep` decides from them.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { type Limits, type Look, nextStep } from '../../lifecycle.ts'
import { repeat } from '../../loop.ts'
import type { DueSession } from '../../repositories/transitions.ts'
import { lookSeconds, lostSeconds, reaperIntervalSeconds, watchfulLookSeconds } from '../../timings.ts'

/** Sessions looked at side by side. No more are claimed than can be looked at at once, so that no claim grows old waiting. */
const lanes = 16
/** Lanes that must be free before more is claimed: each claim is a statement. */
const lanesPerClaim = lanes / 2
/** Rounds of "extend" before a session is left to its next look: each is lost to somebody else who spends or changes it. */
const extendRounds = 3

/** One round: looks at every session whose time has come. */
export function createReaper(app: FastifyInstance, limits: Limits): () => Promise<void> {
  const { repositories, livekit, calls, metrics, log } = app
  const count = (action: string) => metrics.reaperActions.inc({ action })

  async function lookAt(due: DueSession): Promise<void> {
    const { room_name, attempt } = due
    if (due.status === 'creating') {
      count('abandoned')
      const settled = await calls.settle(room_name, { end_reason: 'create_abandoned', until: 'now', attempt })
      if (settled) calls.deleteRoom(room_name)
    } else if (due.end_reason !== null) {
      count('carry_out')
      await calls.carryOut(room_name, due.end_reason).catch(() => unreachable(due))
    } else {
      const look = await lookInto(due)
      if (look) await decide(due, look)
    }
  }

  /** Asks LiveKit who is in the room and writes the answer down; undefined where it was no answer to decide from. */
  async function lookInto(due: DueSession): Promise<Look | undefined> {
    const { room_name, now } = due
    const participants = await livekit.listParticipants(room_name).catch(() => undefined)
    if (!participants) return unreachable(due)
    for (const { sid, identity, is_agent, joined_at, is_active } of participants) {
      const kind = is_agent ? 'agent' : 'caller'
      const fact = { sid, room_name, kind, identity, joined_at, left_at: null, seen_at: now } as const
      if (is_active) await repositories.recordFact(fact)
    }
    if (participants.length === 0) return 'nobody'
    const listed = participants.map((participant) => participant.sid)
    await repositories.recordGone(room_name, now, listed)
    return 'somebody'
  }

  /** The room cannot be asked or deleted: LiveKit is down, or the room's node is, or the room is gone. */
  async function unreachable(due: DueSession): Promise<Look | undefined> {
    const { room_name, end_reason, now } = due
    const named = await livekit.listRooms([room_name]).catch(() => undefined)
    if (!named) return 'outage'
    if (!named.includes(room_name)) {
      if (end_reason !== null) await calls.settle(room_name, { end_reason, until: 'now' })
      else await repositories.wake(due, new Date(now.getTime() + watchfulLookSeconds * 1000))
      return undefined
    }
    count('lost')
    const lostFor = await repositories.markLost(due)
    if (lostFor !== undefined && lostFor > lostSeconds)
      await calls.settle(room_name, { end_reason: 'room_missing', until: 'unknown' })
    return undefined
  }

  async function decide(due: DueSession, look: Look): Promise<void> {
    const { room_name } = due
    for (let round = 0; round < extendRounds; round++) {
      const situation = await repositories.findSituation(room_name)
      if (!situation) return
      const step = nextStep(situation, look, limits)
      count(step.do)
      if (step.do === 'wake') return repositories.wake(due, step.at)
      if (step.do === 'end') {
        if (!(await calls.endAfterLook(due, step))) await handBack(due)
        return
      }
      if (await repositories.extend(due, step.credits, step.at)) {
        metrics.creditsHeld.inc(step.credits)
        log.info({ room_name, credits: step.credits }, 'session extended')
        return
      }
    }
  }

  async function handBack(due: DueSession): Promise<void> {
    count('handed_back')
    await repositories.handBack(due)
  }

  const warn = ({ room_name }: DueSession) => {
    return (err: unknown) => log.warn({ err, room_name }, 'session not looked at')
  }

  /** A look that takes too long hands its session back, and can then change nothing more; it keeps its lane until it ends. */
  async function lookInTime(due: DueSession): Promise<void> {
    const deadline = setTimeout(() => handBack(due).catch(warn(due)), lookSeconds * 1000)
    await (app.isClosing() ? handBack(due) : lookAt(due)).catch(warn(due))
    clearTimeout(deadline)
  }

  return async () => {
    const underWay = new Set<Promise<unknown>>()
    try {
      for (;;) {
        const free = lanes - underWay.size
        const claimed = await repositories.claimDue(free)
        for (const due of claimed) {
          const look = lookInTime(due).finally(() => underWay.delete(look))
          underWay.add(look)
        }
        if (claimed.length < free || app.isClosing()) return
        while (lanes - underWay.size < lanesPerClaim) await Promise.race(underWay)
      }
    } finally {
      await Promise.all(underWay)
    }
  }
}

async function reaper(app: FastifyInstance, limits: Limits) {
  repeat(app, 'reaper', reaperIntervalSeconds * 1000, createReaper(app, limits))
}

export default fp(reaper, { name: 'reaper', dependencies: ['database', 'livekit', 'calls', 'metrics', 'overload'] })
