// How background work is repeated: forever, with jitter, until the service closes.
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

/**
 * Runs the work as soon as the service is ready, so that one which keeps dying young still gets something done, and then
 * again and again, so many milliseconds (or up to 20 % less) apart, until it closes, which waits for the round under way. A
 * failed round is logged; what it left is the next round's.
 */
export function every(app: FastifyInstance, name: string, milliseconds: number, work: () => Promise<void>): void {
  const closing = new AbortController()
  let running: Promise<void> = Promise.resolve()

  async function loop(): Promise<void> {
    while (!closing.signal.aborted) {
      await work().catch((err) => app.log.warn({ err }, `${name}: round failed`))
      const pause = milliseconds * (0.8 + 0.2 * Math.random())
      await sleep(pause, undefined, { signal: closing.signal }).catch(() => {})
    }
  }

  app.addHook('onReady', async () => {
    running = loop()
  })
  app.addHook('preClose', async () => closing.abort())
  app.addHook('onClose', () => running)
}

/** Runs the work for all items, at most so many at once. */
export async function inBatches<T>(items: T[], concurrency: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values()
  const worker = async () => {
    for (const item of rest) await work(item)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}
