// A piece of work of a replica, such as a request or a round of the reaper. It can be stopped before or after any of its
// statements or calls of LiveKit, as by a crash, a long pause, or a lost answer.
import { AsyncLocalStorage } from 'node:async_hooks'

export interface Cut {
  /** At which of its statements and calls, from 0. */
  at: number
  /** The call is made, but its answer does not arrive. */
  after: boolean
  how: 'killed' | 'paused' | 'failed'
}

const current = new AsyncLocalStorage<Operation>()
const never = new Promise<never>(() => {})

export class Operation {
  readonly #cut: Cut | undefined
  #calls = 0
  #inFlight = 0
  #stopped: Promise<void> | undefined
  #resume = () => {}
  #ended: Promise<unknown> = never
  #whenIdle = () => {}

  constructor(cut?: Cut) {
    this.#cut = cut
  }

  /** True where it waits to be resumed. */
  get isPaused(): boolean {
    return this.#stopped !== undefined && this.#cut?.how === 'paused'
  }

  /** Runs the work until it ends or is cut off; the error that it ended with. */
  async run(work: () => Promise<unknown>): Promise<unknown> {
    this.#ended = current.run(this, work).then(
      () => undefined,
      (error) => error,
    )
    return this.#untilStill()
  }

  async resume(): Promise<unknown> {
    this.#stopped = undefined
    this.#resume()
    return this.#untilStill()
  }

  /** One call of the work. */
  async pass<T>(call: () => Promise<T>, failure: () => Error): Promise<T> {
    await this.#stopped
    const cut = this.#calls++ === this.#cut?.at ? this.#cut : undefined
    if (cut && !cut.after) await this.#strike(cut, failure)
    this.#inFlight++
    try {
      return await call()
    } finally {
      this.#inFlight--
      if (cut?.after) await this.#strike(cut, failure)
      if (this.#stopped && this.#inFlight === 0) this.#whenIdle()
      await this.#stopped
    }
  }

  async #strike(cut: Cut, failure: () => Error): Promise<void> {
    if (cut.how === 'failed') throw failure()
    this.#stopped =
      cut.how === 'killed'
        ? never
        : new Promise((resolve) => {
            this.#resume = resolve
          })
    if (this.#inFlight === 0) this.#whenIdle()
    await this.#stopped
  }

  async #untilStill(): Promise<unknown> {
    const idle = new Promise<undefined>((resolve) => {
      this.#whenIdle = () => resolve(undefined)
    })
    const error = await Promise.race([this.#ended, idle])
    // Calls that the work did not wait for.
    while (this.#inFlight > 0) await new Promise((resolve) => setImmediate(resolve))
    return error
  }
}

/** Makes a call for the piece of work that is under way. */
export function pass<T>(call: () => Promise<T>, failure: () => Error): Promise<T> {
  return current.getStore()?.pass(call, failure) ?? call()
}
