// Waits for what comes about by itself.
import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until the probe resolves with something, for at most so long; a generous bound, not a measurement. */
export async function until<T>(probe: () => Promise<T | undefined | false>, milliseconds = 15_000): Promise<T> {
  const deadline = Date.now() + milliseconds
  for (;;) {
    const value = await probe()
    if (value) return value
    if (Date.now() > deadline) throw new Error(`not within ${milliseconds} ms: ${probe}`)
    await sleep(50)
  }
}
