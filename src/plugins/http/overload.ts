// A service that cannot answer in time says so at once: 503 while the event loop is blocked and, to requests on connections
// that are still open, while it is closing. Routes with `config: { alwaysAnswered: true }` (the probes) are exempt.
import underPressure from '@fastify/under-pressure'
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

/** Mean of a sample. How busy the loop is says nothing: a service at its limit may answer in milliseconds. */
const maxEventLoopDelayMilliseconds = 500
const sampleIntervalMilliseconds = 1000

async function overload(app: FastifyInstance) {
  let closing = false
  app.decorate('isClosing', () => closing)
  app.addHook('preClose', async () => {
    closing = true
  })

  const isRefused = (request: FastifyRequest) => !request.is404 && !request.routeOptions.config.alwaysAnswered

  app.addHook('onRequest', async (request) => {
    if (closing && isRefused(request)) throw new ServiceUnavailable({ cause: new Error('closing') })
  })

  // The first samples hold the service's own start, which is no overload.
  let judgedFrom = Number.POSITIVE_INFINITY
  app.addHook('onReady', async () => {
    judgedFrom = performance.now() + 2 * sampleIntervalMilliseconds
  })

  await app.register(underPressure, {
    sampleInterval: sampleIntervalMilliseconds,
    maxEventLoopDelay: maxEventLoopDelayMilliseconds,
    pressureHandler: async (request, _reply, type, value) => {
      if (performance.now() < judgedFrom || !isRefused(request)) return
      throw new ServiceUnavailable({ cause: new Error(`${type} is ${value}`) })
    },
  })
}

export default fp(overload, { name: 'overload' })
