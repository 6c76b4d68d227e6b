// Events are kept for thirty days, and with them what was delivered of them. Each replica deletes what is older.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { eventDeletionSeconds } from '../../event-timings.ts'
import { repeat } from '../../loop.ts'

/** Of one statement, which is short then. */
const maxDeleted = 1000

/** One round. It ends early where the service closes. */
export function createRetention({
  repositories,
  isClosing,
  metrics,
  log,
}: Pick<FastifyInstance, 'repositories' | 'isClosing' | 'metrics' | 'log'>) {
  return async (): Promise<void> => {
    while (!isClosing()) {
      const { events, undelivered } = await repositories.deleteOldEvents(maxDeleted)
      if (undelivered > 0) {
        metrics.webhookDeliveries.inc({ result: 'expired' }, undelivered)
        log.warn({ undelivered }, 'webhooks given up: their events are too old to be kept, and were still waiting')
      }
      if (events < maxDeleted) return
    }
  }
}

async function eventRetention(app: FastifyInstance) {
  repeat(app, 'event retention', eventDeletionSeconds * 1000, createRetention(app))
}

export default fp(eventRetention, { name: 'event-retention', dependencies: ['database', 'metrics', 'overload'] })
