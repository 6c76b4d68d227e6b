// Step 1: who calls. The key is read from the X-API-Key header and from nowhere else, before the body is; it is neither
// logged nor cached, so a revoked key is refused from the next request on.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { hashApiKey, isWellFormedApiKey } from '../api-key.ts'
import { InvalidApiKey, RateLimitExceeded } from '../errors.ts'
import type { Caller } from '../repositories/api-keys.ts'
import { rateLimitWindowMilliseconds } from '../timings.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** An onRequest hook: sets `request.caller`, or answers 401. */
    requireApiKey(request: FastifyRequest): Promise<void>
  }
  interface FastifyRequest {
    /** Who calls: the key, the organization that pays, the user. There on every route behind `requireApiKey`. */
    caller: Caller
  }
}

/** Bad keys that one address may try within a minute, before 429 takes the place of 401. */
const badKeysPerMinute = 20

async function keyAuth(app: FastifyInstance) {
  const countBadKey = app.createRateLimit({ max: badKeysPerMinute, timeWindow: rateLimitWindowMilliseconds })

  app.decorateRequest('caller', null as unknown as Caller)
  app.decorate('requireApiKey', async (request: FastifyRequest) => {
    const key = String(request.headers['x-api-key'] ?? '')
    if (key === '') throw new InvalidApiKey()
    const caller = isWellFormedApiKey(key)
      ? await app.repositories.findCaller({ key_hash: hashApiKey(key) })
      : undefined
    if (!caller) throw await refuse(request)
    request.caller = caller
    request.countedAs = caller.api_key_id
  })

  async function refuse(request: FastifyRequest) {
    const count = await countBadKey(request)
    if (count.isAllowed || !count.isExceeded) return new InvalidApiKey()
    return new RateLimitExceeded({ headers: { 'retry-after': String(count.ttlInSeconds) } })
  }
}

export default fp(keyAuth, { name: 'key-auth', dependencies: ['database', 'rate-limit'] })
