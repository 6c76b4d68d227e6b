// LiveKit's events on their way to the service: some are lost, doubled, or late, and so out of order.
import type { Clock } from './clock.ts'
import type { LiveKitEvent } from './livekit-event.ts'

/** What becomes of the next events. */
export interface Trouble {
  count: number
  how: 'lost' | 'doubled' | 'late'
  milliseconds: number
}

export class Post {
  trouble: Trouble = { count: 0, how: 'lost', milliseconds: 0 }
  readonly #clock: Clock
  readonly #lost: (event: LiveKitEvent) => void
  #mail: { at: number; event: LiveKitEvent }[] = []

  constructor(clock: Clock, lost: (event: LiveKitEvent) => void) {
    this.#clock = clock
    this.#lost = lost
  }

  send(event: LiveKitEvent): void {
    const { how, milliseconds } = this.trouble
    const { now } = this.#clock
    if (this.trouble.count-- <= 0) return void this.#mail.push({ at: now, event })
    if (how !== 'doubled') this.#lost(event)
    if (how === 'doubled') this.#mail.push({ at: now, event })
    if (how !== 'lost') this.#mail.push({ at: now + milliseconds, event })
  }

  /** When the next one arrives. */
  get nextAt(): number {
    return Math.min(...this.#mail.map(({ at }) => at))
  }

  /** Those that arrive now. */
  take(): LiveKitEvent[] {
    const due = this.#mail.filter(({ at }) => at <= this.#clock.now)
    this.#mail = this.#mail.filter(({ at }) => at > this.#clock.now)
    return due.map(({ event }) => event)
  }
}
