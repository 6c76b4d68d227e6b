// How often somebody may ask: a fixed window of a minute for each name that a request is counted under, on each replica. It is
// counted once that name is known, before the body is read.
import rateLimiter from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { RateLimitExceeded } from '../../errors.ts'
import { rateLimitWindowMilliseconds } from '../../timings.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The name under which the request is counted, such as its key's id; null: it is not. Set by whoever knows it. */
    countedAs: string | null
  }
}

/** Names counted at once. When there are more, the count of the one that asked longest ago is dropped. */
const countedKeys = 10_000

async function rateLimit(app: FastifyInstance, options: { requestsPerMinute: number }) {
  await app.register(rateLimiter, { global: false })
  const countRequest = app.rateLimit({
    max: options.requestsPerMinute,
    timeWindow: rateLimitWindowMilliseconds,
    cache: countedKeys,
    keyGenerator: (request: FastifyRequest) => String(request.countedAs),
    errorResponseBuilder: () => new RateLimitExceeded(),
  })
  app.decorateRequest('countedAs', null)
  app.addHook('preParsing', async (request, reply) => {
    if (request.countedAs !== null) await countRequest.call(app, request, reply)
  })
}

export default fp(rateLimit, { name: 'rate-limit' })
