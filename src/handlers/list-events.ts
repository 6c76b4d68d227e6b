// listEvents: what has happened to the organization's calls and credits, newest first, page by page, as it is sent to its endpoints.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { formatCursor, parseCursor } from '../contract/cursor.ts'
import { momentOf } from '../contract/moment.ts'
import { type EventList, listEvents as operation } from '../contract/openapi.gen.ts'
import { InvalidCreatedAfter, InvalidCursor, InvalidLimit, InvalidType } from '../errors.ts'
import type { EventPlace } from '../repositories/shown-events.ts'

interface Route {
  Querystring: { type?: string; created_after?: string; limit: number; cursor?: string }
}

const refusals = {
  '/type': InvalidType,
  '/created_after': InvalidCreatedAfter,
  '/limit': InvalidLimit,
  '/cursor': InvalidCursor,
}
const idPattern = /^evt_[0-9a-f]{32}$/

function placeOf(cursor: string): EventPlace {
  const { key: id, createdAt: created_at_us } = parseCursor(cursor, idPattern) ?? {}
  if (id === undefined || created_at_us === undefined) throw new InvalidCursor()
  return { id, created_at_us }
}

async function listEvents(app: FastifyInstance) {
  app.route<Route>({
    ...operation,
    onRequest: app.requireApiKey,
    schemaErrorFormatter: (errors) =>
      new refusals[errors.map((error) => error.instancePath)[0] as keyof typeof refusals](),
    // Bodies are answered as they were recorded: a serializer made from the schema would drop what it does not know.
    serializerCompiler: () => JSON.stringify,
    handler,
  })

  async function handler({ query, caller }: FastifyRequest<Route>): Promise<EventList> {
    const { type, limit, cursor } = query
    const { organization_id } = caller
    const created_after = momentOf(query.created_after, InvalidCreatedAfter)
    const after = cursor === undefined ? undefined : placeOf(cursor)

    const page = { type, created_after, after, limit: limit + 1 }
    const events = await app.lanes.read(organization_id, () => app.repositories.listEvents(organization_id, page))
    const shown = events.slice(0, limit)
    const last = events.length > limit ? shown.at(-1) : undefined
    return {
      events: shown.map(({ body }) => JSON.parse(body)),
      ...(last && { next_cursor: formatCursor(last.id, last.created_at_us) }),
    }
  }
}

export default fp(listEvents, { name: 'list-events', dependencies: ['key-auth', 'database', 'organization-lanes'] })
