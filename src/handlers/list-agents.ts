// listAgents: whom the organization can call and at which price, newest first, page by page.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { toAgent } from '../contract/agent.ts'
import { formatCursor, parseCursor } from '../contract/cursor.ts'
import { type AgentList, listAgents as operation } from '../contract/openapi.gen.ts'
import { InvalidCursor, InvalidLimit } from '../errors.ts'
import type { AgentPlace } from '../repositories/shown-agents.ts'

interface Route {
  Querystring: { limit: number; cursor?: string }
}

const refusals = { '/limit': InvalidLimit, '/cursor': InvalidCursor }
const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

function placeOf(cursor: string): AgentPlace {
  const { key: id, createdAt: created_at_us } = parseCursor(cursor, idPattern) ?? {}
  if (id === undefined || created_at_us === undefined) throw new InvalidCursor()
  return { id, created_at_us }
}

async function listAgents(app: FastifyInstance, options: { maxCallMinutes: number }) {
  app.route<Route>({
    ...operation,
    onRequest: app.requireApiKey,
    schemaErrorFormatter: (errors) =>
      new refusals[errors.map((error) => error.instancePath)[0] as keyof typeof refusals](),
    handler,
  })

  async function handler({ query, caller }: FastifyRequest<Route>): Promise<AgentList> {
    const { limit, cursor } = query
    const { organization_id } = caller
    const after = cursor === undefined ? undefined : placeOf(cursor)

    const read = () => app.repositories.listShownAgents(organization_id, { limit: limit + 1, after })
    const agents = await app.lanes.read(organization_id, read)
    const shown = agents.slice(0, limit)
    const last = agents.length > limit ? shown.at(-1) : undefined
    return {
      agents: shown.map((agent) => toAgent(agent, options.maxCallMinutes)),
      ...(last && { next_cursor: formatCursor(last.id, last.created_at_us) }),
    }
  }
}

export default fp(listAgents, { name: 'list-agents', dependencies: ['key-auth', 'database', 'organization-lanes'] })
