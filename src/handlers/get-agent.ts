// getAgent: what is known of one agent of the organization before it is called.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { toAgent } from '../contract/agent.ts'
import { type Agent, getAgent as operation } from '../contract/openapi.gen.ts'
import { AgentNotFound } from '../errors.ts'

interface Route {
  Params: { agent_id: string }
}

async function getAgent(app: FastifyInstance, options: { maxCallMinutes: number }) {
  app.route<Route>({ ...operation, onRequest: app.requireApiKey, handler })

  async function handler({ params, caller }: FastifyRequest<Route>): Promise<Agent> {
    const { organization_id } = caller
    const read = () => app.repositories.findShownAgent(params.agent_id, organization_id)
    const agent = await app.lanes.read(organization_id, read)
    if (!agent) throw new AgentNotFound()
    return toAgent(agent, options.maxCallMinutes)
  }
}

export default fp(getAgent, { name: 'get-agent', dependencies: ['key-auth', 'database', 'organization-lanes'] })
