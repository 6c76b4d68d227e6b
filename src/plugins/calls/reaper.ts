// The reaper: looks at every open session when its time has come, on every replica, without a leader. It asks LiveKit who
// is in the room, writes the facts down, and does what `nextStep` decides from them.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { type EndReason, type Limits, type Look, nextStep } from '../../lifecycle.ts'
import { every, inBatches } from '../../loop.ts'

type Due = Awaited<ReturnType<FastifyInstance['repositories']['claimDue']>>[number]

const intervalMilliseconds = 5000
const claimSize = 100
/** Sessions looked at side by side. */
const concurrency = 16
/**
 * How long a room may be out of reach, while LiveKit answers for others, before its call counts as lost. With up to a minute
 * between looks, whoever paid for a call on a node that died is settled with within two.
 */
const lostSeconds = 30
/** Rounds of "extend" before a session is left to its next look: each is lost to somebody else who spends or changes it. */
const rounds = 3

/** One round: looks at every session whose time has come. */
export function createReaper(app: FastifyInstance, limits: Limits): () => Promise<void> {
  const { repositories, livekit, calls, metrics, log } = app
  const count = (action: string) => metrics.reaperActions.inc({ action })

  async function lookAt(due: Due): Promise<void> {
    const { room_name, attempt } = due
    if (due.status === 'creating') {
      count('abandoned')
      const settled = await calls.settle(room_name, { end_reason: 'create_abandoned', until: 'now', attempt })
      if (settled) calls.deleteRoom(room_name)
    } else if (due.end_reason !== null) {
      count('carry_out')
      await calls.carryOut(room_name, due.end_reason as EndReason).catch(() => unreachable(due))
    } else {
      const look = await lookInto(due)
      if (look) await decide(due, look)
    }
  }

  /** Asks LiveKit who is in the room and writes the answer down; undefined where it was no answer to decide from. */
  async function lookInto(due: Due): Promise<Look | undefined> {
    const participants = await livekit.listParticipants(due.room_name).catch(() => undefined)
    if (!participants) return unreachable(due)
    for (const { sid, identity, is_agent, joined_at, is_active } of participants) {
      const kind = is_agent ? 'agent' : 'caller'
      const fact = {
        sid,
        room_name: due.room_name,
        kind,
        identity,
        joined_at,
        left_at: null,
        seen_at: due.now,
      } as const
      if (is_active) await repositories.recordFact(fact)
    }
    if (participants.length === 0) return 'nobody'
    await repositories.recordGone(
      due.room_name,
      due.now,
      participants.map((participant) => participant.sid),
    )
    return 'somebody'
  }

  /** The room cannot be asked or deleted: LiveKit is down, or the room's node is, or the room is gone. */
  async function unreachable(due: Due): Promise<Look | undefined> {
    const named = await livekit.listRooms([due.room_name]).catch(() => undefined)
    if (!named) return 'outage'
    if (!named.includes(due.room_name)) {
      if (due.end_reason !== null)
        await calls.settle(due.room_name, { end_reason: due.end_reason as EndReason, until: 'now' })
      else await repositories.wake(due, new Date(due.now.getTime() + 15_000))
      return undefined
    }
    count('lost')
    const seconds = await repositories.markLost(due)
    if (seconds !== undefined && seconds > lostSeconds) {
      await calls.settle(due.room_name, { end_reason: 'room_missing', until: 'unknown' })
    }
    return undefined
  }

  async function decide(due: Due, look: Look): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      const situation = await repositories.findSituation(due.room_name)
      if (!situation) return
      const step = nextStep(situation, look, limits)
      count(step.do)
      if (step.do === 'end') return calls.end(due.room_name, step.reason, due.attempt)
      if (step.do === 'wake') return repositories.wake(due, step.at)
      if (await repositories.extend(due, step.credits, step.at)) {
        metrics.creditsHeld.inc(step.credits)
        log.info({ room_name: due.room_name, credits: step.credits }, 'session extended')
        return
      }
    }
  }

  return async () => {
    for (;;) {
      const due = await repositories.claimDue(claimSize)
      await inBatches(due, concurrency, async (session) => {
        if (app.isClosing()) return
        await lookAt(session).catch((err) => log.warn({ err, room_name: session.room_name }, 'session not looked at'))
      })
      if (due.length < claimSize || app.isClosing()) return
    }
  }
}

async function reaper(app: FastifyInstance, limits: Limits) {
  every(app, 'reaper', intervalMilliseconds, createReaper(app, limits))
}

export default fp(reaper, { name: 'reaper', dependencies: ['database', 'livekit', 'calls', 'metrics', 'overload'] })
