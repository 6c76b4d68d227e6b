// getUsage: what the organization's calls of some days came to, by day, agent or person, page by page.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { getUsage as operation, type Usage, type UsageGroupBy } from '../contract/openapi.gen.ts'
import { formatUsageCursor, parseUsageCursor, toUsageRow } from '../contract/usage.ts'
import { isSpan } from '../days.ts'
import { InvalidCursor, InvalidFrom, InvalidGroupBy, InvalidLimit, InvalidTo } from '../errors.ts'

interface Route {
  Querystring: { from: string; to: string; group_by?: UsageGroupBy; limit: number; cursor?: string }
}

const refusals: Record<string, typeof InvalidFrom> = {
  from: InvalidFrom,
  to: InvalidTo,
  group_by: InvalidGroupBy,
  limit: InvalidLimit,
  cursor: InvalidCursor,
}

function keyOf(cursor: string, groupBy: UsageGroupBy): string {
  const key = parseUsageCursor(cursor, groupBy)
  if (key === undefined) throw new InvalidCursor()
  return key
}

async function getUsage(app: FastifyInstance) {
  app.route<Route>({
    ...operation,
    onRequest: app.requireApiKey,
    // A parameter that is absent is named beside its path, which is empty.
    schemaErrorFormatter: (errors) => {
      const names = errors.map(({ instancePath, params }) => instancePath.slice(1) || String(params.missingProperty))
      return new (refusals[names[0] as string] as typeof InvalidFrom)()
    },
    // The serializer that is made from the schema writes the figures first, because a row always has them.
    serializerCompiler: () => JSON.stringify,
    handler,
  })

  async function handler({ query, caller }: FastifyRequest<Route>): Promise<Usage> {
    const { from, to, group_by = 'day', limit, cursor } = query
    const { organization_id } = caller
    const days = { from: new Date(from), to: new Date(to) }
    if (!isSpan(days.from, days.to)) throw new InvalidTo()
    const after = cursor === undefined ? undefined : keyOf(cursor, group_by)

    const span = { ...days, group_by, after, limit: limit + 1 }
    const sum = () => app.repositories.sumUsage(organization_id, span)
    const { rows, open_calls } = await app.lanes.usage(organization_id, sum)
    const shown = rows.slice(0, limit)
    const last = rows.length > limit ? shown.at(-1) : undefined
    const next_cursor = formatUsageCursor(last?.key)
    return {
      ...{ from, to, group_by, rows: shown.map((row) => toUsageRow(group_by, row)), open_calls },
      ...(next_cursor !== undefined && { next_cursor }),
    }
  }
}

export default fp(getUsage, { name: 'get-usage', dependencies: ['key-auth', 'database', 'organization-lanes'] })
