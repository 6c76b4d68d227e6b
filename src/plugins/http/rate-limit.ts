// How often a key may ask: a fixed window of a minute for each key on each replica. It counts once the key is known to be
// good, before the body is read.
import rateLimiter from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { RateLimitExceeded } from '../../errors.ts'

/** Keys counted at once; beyond, the one that asked longest ago begins anew. */
const countedKeys = 10_000

async function rateLimit(app: FastifyInstance, options: { requestsPerMinute: number }) {
  await app.register(rateLimiter, { global: false })
  const countRequest = app.rateLimit({
    max: options.requestsPerMinute,
    timeWindow: 60_000,
    cache: countedKeys,
    keyGenerator: (request: FastifyRequest) => request.caller.api_key_id,
    errorResponseBuilder: () => new RateLimitExceeded(),
  })
  app.addHook('preParsing', async (request, reply) => {
    if (request.caller) await countRequest.call(app, request, reply)
  })
}

export default fp(rateLimit, { name: 'rate-limit' })
