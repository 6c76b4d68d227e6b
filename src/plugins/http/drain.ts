// Time for load balancers to notice that the service will stop: /readyz says so, and all else goes on, but no connection is
// kept after its answer.
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    drain: {
      /** Resolves after so long. */
      begin(seconds: number): Promise<void>
      isUnderWay(): boolean
    }
  }
}

async function drain(app: FastifyInstance) {
  let isUnderWay = false
  app.addHook('onRequest', async (_request, reply) => {
    if (isUnderWay) reply.header('connection', 'close')
  })
  app.decorate('drain', {
    async begin(seconds) {
      isUnderWay = true
      if (seconds > 0) await sleep(seconds * 1000)
    },
    isUnderWay: () => isUnderWay,
  })
}

export default fp(drain, { name: 'drain' })
