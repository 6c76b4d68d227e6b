// A service that cannot answer in time says so at once: 503 while the event loop is blocked and, to requests on connections
// that are still open, while it is closing. Routes with `config: { alwaysAnswered: true }` (the probes) are exempt.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { ServiceUnavailable } from '../../errors.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** True from the moment at which the service is told to stop. */
    isClosing(): boolean
  }
  interface FastifyContextConfig {
    alwaysAnswered?: boolean
  }
}

async function overload(app: FastifyInstance) {
  let closing = false
  app.decorate('isClosing', () => closing)
  app.addHook('preClose', async () => {
    closing = true
  })

  const isRefused = (request: FastifyRequest) => !request.is404 && !request.routeOptions.config.alwaysAnswered

  app.addHook('onRequest', async (request) => {
    if (!isRefused(request)) return
    if (closing) throw new ServiceUnavailable({ cause: new Error('closing') })
    if (app.isUnderPressure()) throw new ServiceUnavailable({ cause: new Error('the event loop is blocked') })
  })
}

export default fp(overload, { name: 'overload', dependencies: ['pressure'] })
