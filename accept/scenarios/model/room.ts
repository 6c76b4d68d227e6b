// A room of the simulated LiveKit, and for how long caller and agent were really both in it.
import type { Clock } from './clock.ts'
import { type Guest, isPresent } from './livekit-event.ts'

export interface Room {
  name: string
  sid: string
  guests: Guest[]
  /** By LiveKit's clock. */
  madeAt: number
  /** Its node is dead. */
  isLost: boolean
  /** When an agent joins, LiveKit closes the room, another node takes it over; Infinity: never. */
  agentAt: number
  closeAt: number
  healAt: number
}

export class Talk {
  readonly #clock: Clock
  /** Milliseconds, by room name: of the talks that are over, and since when the one under way goes on. */
  readonly #over = new Map<string, number>()
  readonly #since = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Called whenever somebody has come or gone. */
  count({ name, guests, isLost }: Room): void {
    const { now } = this.#clock
    const isThere = (wanted: boolean) =>
      guests.some((guest) => guest.isAgent === wanted && guest.deadSince === undefined && isPresent(guest))
    this.#over.set(name, this.of(name))
    this.#since.delete(name)
    if (!isLost && isThere(true) && isThere(false)) this.#since.set(name, now)
  }

  isOn(name: string): boolean {
    return this.#since.has(name)
  }

  /** Milliseconds talked until now. */
  of(name: string): number {
    const { now } = this.#clock
    return (this.#over.get(name) ?? 0) + now - (this.#since.get(name) ?? now)
  }
}
