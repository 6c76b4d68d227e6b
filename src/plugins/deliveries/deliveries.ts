// Deliveries: organizations are told of their events by webhooks, from every replica, without a leader.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { deliveryIntervalSeconds } from '../../event-timings.ts'
import { repeat } from '../../loop.ts'
import { type CourierOptions, createCourier } from './courier.ts'

async function deliveries(app: FastifyInstance, options: CourierOptions) {
  const { round, stop, close } = createCourier(app, options)
  app.addHook('preClose', async () => stop())
  // Hooks of closing run in the reverse order: the round under way ends first.
  app.addHook('onClose', close)
  repeat(app, 'deliveries', deliveryIntervalSeconds * 1000, round)
}

export default fp(deliveries, { name: 'deliveries', dependencies: ['database', 'metrics'] })
