// LiveKit's events about some rooms are held back, all others delivered in the order in which LiveKit sends them.
import type { LiveKitEventRelay, SignedLiveKitEvent } from '../../relay.ts'

export interface HeldLiveKitEvents {
  /** From now on those about this room are kept in this list, and not delivered. */
  hold(roomName: string): SignedLiveKitEvent[]
}

export function holdLiveKitEvents(relay: LiveKitEventRelay): HeldLiveKitEvents {
  const byRoom = new Map<string, SignedLiveKitEvent[]>()
  relay.deliveries = (event) => {
    const held = byRoom.get(JSON.parse(event.body).room?.name)
    held?.push(event)
    return held && []
  }
  return {
    hold(roomName) {
      const held: SignedLiveKitEvent[] = []
      byRoom.set(roomName, held)
      return held
    },
  }
}
