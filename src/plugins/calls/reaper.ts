// The reaper: looks at every open session when its time has come, on every replica, without a leader.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Limits } from '../../lifecycle.ts'
import { repeat } from '../../loop.ts'
import type { DueSession } from '../../repositories/looks.ts'
import { lookSeconds, reaperIntervalSeconds } from '../../timings.ts'
import { createLook } from './look.ts'

/** No more sessions are claimed than can be looked at at once, so that no claimed session waits for its look. */
const looksAtOnce = 16
/** So many looks must have ended before more is claimed, because each claim is a statement. */
const looksPerClaim = looksAtOnce / 2

export interface Reaper {
  /** Claims sessions whose time has come and begins to look at them, until none is left. A slow look does not hold it up. */
  round(): Promise<void>
  /** Resolves when no look is under way. */
  idle(): Promise<void>
}

export function createReaper(app: FastifyInstance, limits: Limits): Reaper {
  const { repositories, metrics, log } = app
  const lookAt = createLook(app, limits)
  const underWay = new Set<Promise<void>>()

  async function handBack(due: DueSession): Promise<void> {
    if (await repositories.handBack(due)) metrics.reaperActions.inc({ action: 'handed_back' })
  }

  /** A look that takes too long gives its session back. What it decides still counts, unless another look was faster. */
  async function lookInTime(due: DueSession): Promise<void> {
    const warn = (err: unknown) => log.warn({ err, room_name: due.room_name }, 'session not looked at')
    let late = Promise.resolve()
    const deadline = setTimeout(() => {
      late = handBack(due).catch(warn)
    }, lookSeconds * 1000)
    try {
      if (app.isClosing() || !(await lookAt(due))) await handBack(due)
    } catch (err) {
      warn(err)
    }
    clearTimeout(deadline)
    await late
  }

  return {
    async round() {
      for (;;) {
        while (looksAtOnce - underWay.size < looksPerClaim) await Promise.race(underWay)
        const free = looksAtOnce - underWay.size
        const claimed = await repositories.claimDue(free)
        for (const due of claimed) {
          const look = lookInTime(due).finally(() => underWay.delete(look))
          underWay.add(look)
        }
        if (claimed.length < free || app.isClosing()) return
      }
    },
    async idle() {
      await Promise.all(underWay)
    },
  }
}

async function reaper(app: FastifyInstance, limits: Limits) {
  const { round, idle } = createReaper(app, limits)
  // Hooks of closing run in the reverse order: the round under way ends first.
  app.addHook('onClose', idle)
  repeat(app, 'reaper', reaperIntervalSeconds * 1000, round)
}

export default fp(reaper, { name: 'reaper', dependencies: ['database', 'livekit', 'calls', 'metrics', 'overload'] })
