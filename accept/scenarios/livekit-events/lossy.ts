// Makes the way of LiveKit's events to the service as bad as a network can be.
import type { LiveKitEventRelay, SignedLiveKitEvent } from '../../relay.ts'

export interface Lossy {
  /** All that LiveKit sent, whatever became of it. */
  sent: SignedLiveKitEvent[]
  figures: { sent: number; lost: number; doubled: number }
  /** Rooms of whose end nothing is told. */
  untold: Set<string>
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Loses and doubles such shares, and holds each back for up to so many milliseconds, so that they overtake each other. */
export function unreliably(
  relay: LiveKitEventRelay,
  { lost, doubled, maxDelay, seed }: { lost: number; doubled: number; maxDelay: number; seed: number },
): Lossy {
  const random = randomFrom(seed)
  const lossy: Lossy = { sent: [], figures: { sent: 0, lost: 0, doubled: 0 }, untold: new Set() }
  const { figures, untold } = lossy
  relay.deliveries = (signed) => {
    lossy.sent.push(signed)
    figures.sent++
    const share = random()
    const { event, room } = JSON.parse(signed.body)
    const tellsOfEnd = event === 'participant_left' || event === 'room_finished'
    if (share < lost || (tellsOfEnd && untold.has(room.name))) {
      figures.lost++
      return []
    }
    const delay = () => random() * maxDelay
    if (share >= lost + doubled) return [delay()]
    figures.doubled++
    return [delay(), delay()]
  }
  return lossy
}
