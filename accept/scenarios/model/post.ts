// LiveKit's webhooks on their way to the service: some are lost, doubled, or late, and so out of order.
import type { Clock } from './clock.ts'
import type { Webhook } from './webhook.ts'

/** What becomes of the next webhooks. */
export interface Trouble {
  count: number
  how: 'lost' | 'doubled' | 'late'
  milliseconds: number
}

export class Post {
  trouble: Trouble = { count: 0, how: 'lost', milliseconds: 0 }
  readonly #clock: Clock
  readonly #lost: (webhook: Webhook) => void
  #mail: { at: number; webhook: Webhook }[] = []

  constructor(clock: Clock, lost: (webhook: Webhook) => void) {
    this.#clock = clock
    this.#lost = lost
  }

  send(webhook: Webhook): void {
    const { how, milliseconds } = this.trouble
    const { now } = this.#clock
    if (this.trouble.count-- <= 0) return void this.#mail.push({ at: now, webhook })
    if (how !== 'doubled') this.#lost(webhook)
    if (how === 'doubled') this.#mail.push({ at: now, webhook })
    if (how !== 'lost') this.#mail.push({ at: now + milliseconds, webhook })
  }

  /** When the next one arrives. */
  get nextAt(): number {
    return Math.min(...this.#mail.map(({ at }) => at))
  }

  /** Those that arrive now. */
  take(): Webhook[] {
    const due = this.#mail.filter(({ at }) => at <= this.#clock.now)
    this.#mail = this.#mail.filter(({ at }) => at > this.#clock.now)
    return due.map(({ webhook }) => webhook)
  }
}
