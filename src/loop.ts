// How background work is repeated until the service closes, and how many things are done side by side.
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

/**
 * Runs the work as soon as the service is ready, so that a process that crashes soon after start still makes progress, and
 * then again and again, so many milliseconds apart (or up to 20 % less), until the service closes, which waits for the round
 * under way. A failed round is logged; what it left is the next round's.
 */
export function repeat(app: FastifyInstance, name: string, milliseconds: number, work: () => Promise<void>): void {
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
