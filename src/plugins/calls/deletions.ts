// Rooms that are deleted without anybody waiting: a few at once, and one that could not be deleted not again before a pause.
// What is not deleted here the sweep finds, and asks for again.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { deletionMaxPauseSeconds, deletionPauseSeconds } from '../../timings.ts'
import { createFailures } from './failures.ts'
import { createLanes } from './lanes.ts'

declare module 'fastify' {
  interface FastifyInstance {
    deletions: Deletions
  }
}

/** Who asks: a call that has ended just now, or the sweep, which found a room and finds it again. */
export type Asker = 'call' | 'sweep'

export interface Deletions {
  /** True where it begins, now or when it is its turn; false where that is for later. Never fails. */
  begin(roomName: string, asker: Asker): boolean
  /** Forgets the failures of all rooms but these: the others are gone. */
  keepOnly(roomNames: ReadonlySet<string>): void
}

/** Deletions at once for each asker: a room of a dead node takes 3 s, and calls that end must not wait for the sweep's. */
const deletionsAtOnce = 8
/** What is asked for beyond is left to the sweep. */
const maxWaiting = 1000

async function deletions(app: FastifyInstance) {
  const { livekit, metrics, log } = app
  const lanes = createLanes({ perName: deletionsAtOnce })
  const failures = createFailures(log, 'rooms not deleted')
  const underWay = new Set<string>()
  /** How often a room could not be deleted, and when it may be asked for again. */
  const failed = new Map<string, { times: number; notBefore: number }>()
  let isClosed = false

  const pauseAfter = (times: number) =>
    1000 * Math.min(deletionPauseSeconds * 2 ** (times - 1), deletionMaxPauseSeconds)

  function remember(roomName: string): void {
    const times = (failed.get(roomName)?.times ?? 0) + 1
    failed.set(roomName, { times, notBefore: performance.now() + pauseAfter(times) })
  }

  async function attempt(roomName: string): Promise<void> {
    if (isClosed) return
    try {
      await livekit.deleteRoom(roomName)
      failed.delete(roomName)
      metrics.roomDeletions.inc({ outcome: 'deleted' })
    } catch (err) {
      remember(roomName)
      metrics.roomDeletions.inc({ outcome: 'failed' })
      failures.add(roomName, err)
    }
  }

  app.addHook('onClose', () => {
    isClosed = true
    failures.tell()
  })
  app.decorate('deletions', {
    begin(roomName, asker) {
      const isPaused = asker === 'sweep' && performance.now() < (failed.get(roomName)?.notBefore ?? 0)
      const deletion = `${asker} ${roomName}`
      if (isPaused || underWay.has(deletion) || underWay.size >= maxWaiting) return false
      underWay.add(deletion)
      lanes(asker, () => attempt(roomName)).finally(() => underWay.delete(deletion))
      return true
    },
    keepOnly(roomNames) {
      for (const name of failed.keys()) if (!roomNames.has(name)) failed.delete(name)
    },
  } satisfies Deletions)
}

export default fp(deletions, { name: 'deletions', dependencies: ['livekit', 'metrics'] })
