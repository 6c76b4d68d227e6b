// The reaper: looks at every open session when its time has come, on every replica, without a leader.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Limits } from '../../lifecycle.ts'
import { repeat } from '../../loop.ts'
import type { DueSession } from '../../repositories/looks.ts'
import { lookSeconds, reaperIntervalSeconds } from '../../timings.ts'
import { createLook } from './look.ts'

/** Sessions looked at side by side. No more are claimed than can be looked at at once, so that no claim grows old waiting. */
const lanes = 16
/** Lanes that must be free before more is claimed: each claim is a statement. */
const lanesPerClaim = lanes / 2

/** One round: looks at every session whose time has come. */
export function createReaper(app: FastifyInstance, limits: Limits): () => Promise<void> {
  const { repositories, livekit, calls, metrics, log } = app
  const lookAt = createLook({ repositories, livekit, calls, metrics, log }, limits)

  async function handBack(due: DueSession): Promise<void> {
    metrics.reaperActions.inc({ action: 'handed_back' })
    await repositories.handBack(due)
  }

  /** A look that takes too long hands its session back, and can then change nothing more; it keeps its lane until it ends. */
  async function lookInTime(due: DueSession): Promise<void> {
    const warn = (err: unknown) => log.warn({ err, room_name: due.room_name }, 'session not looked at')
    const deadline = setTimeout(() => handBack(due).catch(warn), lookSeconds * 1000)
    try {
      if (app.isClosing() || !(await lookAt(due))) await handBack(due)
    } catch (err) {
      warn(err)
    }
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
