// The reaper: looks at every open session when its time has come, on every replica, without a leader. Sessions in trouble have
// places of their own, so that however many there are, those that go well are looked at in time.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { repeat } from '../../loop.ts'
import type { Limits } from '../../next-step.ts'
import type { DueSession } from '../../repositories/looks.ts'
import { lookSeconds, promptLookMilliseconds, reaperIntervalSeconds } from '../../timings.ts'
import { createFailures } from './failures.ts'
import { createLook } from './look.ts'
import { createPlaces } from './places.ts'

/**
 * No more sessions are claimed than can be looked at at once, so that no claimed session waits for its look. A room of a dead
 * node answers after 3 s: 400 of them have been asked for the first time in 15 s, and are troubled from then on.
 */
const looks = { well: { atOnce: 16, slowAtOnce: 80 }, troubled: { atOnce: 8, slowAtOnce: 40 } }

export interface Reaper {
  /**
   * Claims sessions of a kind whose time has come and begins to look at them, until none is left. A slow look does not hold it
   * up.
   */
  round(kind: keyof typeof looks): Promise<void>
  /** Resolves when no look is under way. */
  idle(): Promise<void>
}

export function createReaper(app: FastifyInstance, limits: Limits): Reaper {
  const { repositories, metrics, log } = app
  const lookAt = createLook(app, limits)
  const failures = createFailures(log, 'sessions not looked at')
  const places = {
    well: createPlaces({ ...looks.well, promptMilliseconds: promptLookMilliseconds }),
    troubled: createPlaces({ ...looks.troubled, promptMilliseconds: promptLookMilliseconds }),
  }

  const claims = { well: repositories.claimDue, troubled: repositories.claimTroubled }

  async function handBack(due: DueSession): Promise<void> {
    if (await repositories.handBack(due)) metrics.reaperActions.inc({ action: 'handed_back' })
  }

  /** A look that takes too long gives its session back. What it decides still counts, unless another look was faster. */
  async function lookInTime(due: DueSession): Promise<void> {
    const warn = (err: unknown) => failures.add(due.room_name, err)
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
    async round(kind) {
      const { free, whenFree, run } = places[kind]
      for (;;) {
        // Each claim is a statement.
        await whenFree(looks[kind].atOnce / 2)
        const size = free()
        const claimed = await claims[kind](size)
        for (const due of claimed) run(() => lookInTime(due))
        if (claimed.length < size || app.isClosing()) return
      }
    },
    async idle() {
      await Promise.all([places.well.idle(), places.troubled.idle()])
      failures.tell()
    },
  }
}

async function reaper(app: FastifyInstance, limits: Limits) {
  const { round, idle } = createReaper(app, limits)
  // Hooks of closing run in the reverse order: the rounds under way end first.
  app.addHook('onClose', idle)
  repeat(app, 'reaper', reaperIntervalSeconds * 1000, () => round('well'))
  repeat(app, 'reaper of troubled sessions', reaperIntervalSeconds * 1000, () => round('troubled'))
}

export default fp(reaper, { name: 'reaper', dependencies: ['database', 'livekit', 'calls', 'metrics', 'overload'] })
