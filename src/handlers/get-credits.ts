// getCredits: what the organization can spend, what its open sessions hold, and how many more there may be.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { type Credits, getCredits as operation } from '../contract/openapi.gen.ts'

async function getCredits(app: FastifyInstance) {
  app.route({ ...operation, onRequest: app.requireApiKey, handler })

  async function handler({ caller }: FastifyRequest): Promise<Credits> {
    return app.repositories.findCredits(caller.organization_id)
  }
}

export default fp(getCredits, { name: 'get-credits', dependencies: ['key-auth', 'database'] })
