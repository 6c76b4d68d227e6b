// What happens by itself in a room, and when: rooms time out, agents come, connections that died are noticed.
import type { SimulatedLiveKit } from './livekit.ts'
import type { Room } from './room.ts'

/** LiveKit notices so long after a connection died. */
const deathNoticedAfter = 20_000

export function due(livekit: SimulatedLiveKit, room: Room): { at: number; happens: () => void }[] {
  const heals = { at: room.healAt, happens: () => livekit.heal(room) }
  if (room.isLost) return [heals]
  const deaths = room.guests.map((guest) => ({
    at: (guest.deadSince ?? Number.POSITIVE_INFINITY) + deathNoticedAfter,
    happens: () => livekit.leave(room, guest, 'CONNECTION_TIMEOUT'),
  }))
  const removals = room.guests.flatMap((guest) =>
    guest.isActive ? [] : [{ at: guest.removeAt, happens: () => livekit.leave(room, guest, 'JOIN_FAILURE') }],
  )
  return [
    ...deaths,
    ...removals,
    { at: room.agentAt, happens: () => livekit.dispatch(room) },
    { at: room.closeAt, happens: () => livekit.delete(room.name, 'ROOM_CLOSED') },
  ]
}
