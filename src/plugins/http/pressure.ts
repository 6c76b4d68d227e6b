// Whether the event loop is blocked: how late it was, on the mean of a second.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    isUnderPressure(): boolean
  }
}

/** How busy the loop is says nothing: a service at its limit may answer in milliseconds. */
const maxDelayMilliseconds = 500
const sampleMilliseconds = 1000
const resolutionMilliseconds = 10

async function pressure(app: FastifyInstance) {
  const delay = monitorEventLoopDelay({ resolution: resolutionMilliseconds })
  let isLate = false
  // The first samples hold the service's own start, which is no overload.
  let judgedFrom = Number.POSITIVE_INFINITY
  app.addHook('onReady', async () => {
    judgedFrom = performance.now() + 2 * sampleMilliseconds
  })

  // It asks the system for nothing, so it cannot fail: a sample that is never taken again would refuse everything for ever.
  const timer = setInterval(() => {
    // The mean is no number where the loop was blocked for the whole time.
    isLate = !(delay.mean / 1e6 - resolutionMilliseconds <= maxDelayMilliseconds)
    delay.reset()
  }, sampleMilliseconds).unref()
  delay.enable()
  app.addHook('onClose', async () => {
    clearInterval(timer)
    delay.disable()
  })
  app.decorate('isUnderPressure', () => isLate && performance.now() >= judgedFrom)
}

export default fp(pressure, { name: 'pressure' })
