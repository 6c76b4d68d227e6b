// The sweep: compares LiveKit's rooms with the sessions, on every replica. It ends rooms whose session has ended (a late
// create, or a token that re-created one) and settles sessions whose room has vanished.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { EndReason } from '../../lifecycle.ts'
import { repeat } from '../../loop.ts'
import { massDoubtSeconds, sweepIntervalSeconds } from '../../timings.ts'

/** When at least so many sessions are active and more than half of their rooms are absent, LiveKit itself is in doubt. */
const massAtLeast = 20

/** One round, which remembers what was absent in the one before. It ends early where the service closes. */
export function createSweep(app: FastifyInstance): () => Promise<void> {
  const { repositories, livekit, calls, deletions, metrics, log } = app
  let absentBefore = new Set<string>()
  let doubtSince: number | undefined

  async function deleteEnded(roomNames: string[]): Promise<void> {
    const rooms = await repositories.findRooms(roomNames)
    metrics.roomsUnknown.set(roomNames.length - rooms.length)
    for (const { room_name } of rooms.filter((room) => room.has_ended))
      if (deletions.begin(room_name, 'sweep')) metrics.sweepActions.inc({ action: 'room_deleted' })
  }

  async function reasonFor(roomName: string): Promise<EndReason> {
    const callers = await repositories.findCallers(roomName)
    if (!callers.known) return 'caller_never_joined'
    // Where LiveKit tells who leaves, a room that vanishes with a caller in it is lost.
    return callers.present && callers.livekit_events_arrive ? 'room_missing' : 'caller_left'
  }

  /** True while more rooms are absent than can be believed at once. */
  function isDoubtful(absent: number, active: number): boolean {
    if (active < massAtLeast || absent * 2 <= active) {
      doubtSince = undefined
      return false
    }
    doubtSince ??= performance.now()
    metrics.sweepActions.inc({ action: 'mass_absence' })
    log.error({ absent, active }, 'LiveKit names less than half of the active rooms')
    return performance.now() - doubtSince < massDoubtSeconds * 1000
  }

  return async () => {
    const active = await repositories.listActiveRoomNames()
    const named = new Set(await livekit.listRooms())
    if (app.isClosing()) return
    deletions.keepOnly(named)
    await deleteEnded([...named])
    const absent = active.filter((roomName) => !named.has(roomName))
    const settleable = isDoubtful(absent.length, active.length) ? [] : absent.filter((name) => absentBefore.has(name))
    absentBefore = new Set(absent)
    for (const room_name of settleable) {
      if (app.isClosing()) return
      metrics.sweepActions.inc({ action: 'session_settled' })
      await calls.settle(room_name, { end_reason: await reasonFor(room_name), until: 'unknown' })
    }
  }
}

async function sweep(app: FastifyInstance) {
  repeat(app, 'sweep', sweepIntervalSeconds * 1000, createSweep(app))
}

export default fp(sweep, {
  name: 'sweep',
  dependencies: ['database', 'livekit', 'calls', 'deletions', 'metrics', 'overload'],
})
