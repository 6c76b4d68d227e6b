// LiveKit's events about some rooms are held back, all others delivered in the order in which LiveKit sends them.
import type { EventRelay, SignedEvent } from '../../relay.ts'

export interface HeldEvents {
  /** From now on those about this room are kept in this list, and not delivered. */
  hold(roomName: string): SignedEvent[]
}

export function holdEvents(relay: EventRelay): HeldEvents {
  const byRoom = new Map<string, SignedEvent[]>()
  relay.deliveries = (event) => {
    const held = byRoom.get(JSON.parse(event.body).room?.name)
    held?.push(event)
    return held && []
  }
  return {
    hold(roomName) {
      const held: SignedEvent[] = []
      byRoom.set(roomName, held)
      return held
    },
  }
}
