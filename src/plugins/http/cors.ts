// CORS for the origins that the operator names, and for no others; without any it is off. It lets a browser read answers;
// it does not make a key in a browser safe.
import fastifyCors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

async function cors(app: FastifyInstance, options: { origins: string[] }) {
  if (options.origins.length === 0) return
  const listed = new Set(options.origins)

  await app.register(fastifyCors, {
    origin: (origin, callback) => callback(null, origin !== undefined && listed.has(origin) ? origin : false),
    methods: ['GET', 'POST', 'DELETE'],
    allowedHeaders: ['X-API-Key', 'Content-Type', 'Idempotency-Key'],
    exposedHeaders: [
      'X-Request-Id',
      'X-Error-Code',
      'Retry-After',
      'Idempotency-Replayed',
      'X-RateLimit-Limit',
      'X-RateLimit-Remaining',
      'X-RateLimit-Reset',
    ],
    maxAge: 600,
    strictPreflight: false,
  })

  // The library has answered the preflights of listed origins; all others get the same status and no CORS headers.
  app.addHook('onRequest', async (request, reply) => {
    if (request.method === 'OPTIONS') await reply.code(204).send()
  })
}

export default fp(cors, { name: 'cors' })
