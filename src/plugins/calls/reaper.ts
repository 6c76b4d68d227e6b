// The reaper: looks at every open session when its time has come, on every replica, without a leader. Sessions that are ended,
// and those in trouble, have places of their own: however many there are, those that go well are looked at in time.
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
const looks = {
  well: { atOnce: 16, slowAtOnce: 80 },
  ending: { atOnce: 8, slowAtOnce: 40 },
  troubled: { atOnce: 8, slowAtOnce: 40 },
}
const kinds = ['well', 'ending', 'troubled'] as const

export interface Reaper {
  /**
   * Claims sessions of a kind whose time has come and begins to look at them, until none is left. A slow look does not hold it
   * up.
   */
  round(kind: (typeof kinds)[number]): Promise<void>
  /** Resolves when no look is under way. */
  idle(): Promise<void>
}

export function createReaper(app: FastifyInstance, limits: Limits): Reaper {
  const { repositories, metrics, log } = app
  const lookAt = createLook(app, limits)
  const failures = createFailures(log, 'sessions not looked at')
  const places = {
    well: createPlaces({ ...looks.well, promptMilliseconds: promptLookMilliseconds }),
    ending: createPlaces({ ...looks.ending, promptMilliseconds: promptLookMilliseconds }),
    troubled: createPlaces({ ...looks.troubled, promptMilliseconds: promptLookMilliseconds }),
  }

  const { claimDue, claimEnding, claimTroubled } = repositories
  const claims = { well: claimDue, ending: claimEnding, troubled: claimTroubled }

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
      await Promise.all(kinds.map((kind) => places[kind].idle()))
      failures.tell()
    },
  }
}

async function reaper(app: FastifyInstance, limits: Limits) {
  const { round, idle } = createReaper(app, limits)
  // Hooks of closing run in the reverse order: the rounds under way end first.
  app.addHook('onClose', idle)
  for (const kind of kinds) repeat(app, `reaper, ${kind}`, reaperIntervalSeconds * 1000, () => round(kind))
}

export default fp(reaper, { name: 'reaper', dependencies: ['database', 'livekit', 'calls', 'metrics', 'overload'] })
