// Waits for what comes about by itself.
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits until the probe resolves with something, for at most so long; a generous bound, not a measurement. `otherwise` is
 * what is wrong where it does not.
 */
export async function until<T>(
  probe: () => Promise<T | undefined | false>,
  milliseconds = 15_000,
  otherwise = String(probe),
): Promise<T> {
  const deadline = performance.now() + milliseconds
  for (;;) {
    const value = await probe()
    if (value) return value
    if (performance.now() > deadline) throw new Error(`not within ${milliseconds} ms: ${otherwise}`)
    await sleep(50)
  }
}
