// listVoiceSessions: the organization's sessions, newest first, page by page.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { formatCursor, parseCursor } from '../contract/cursor.ts'
import { momentOf } from '../contract/moment.ts'
import {
  listVoiceSessions as operation,
  type VoiceSessionList,
  type VoiceSessionStatus,
} from '../contract/openapi.gen.ts'
import { toVoiceSession } from '../contract/voice-session.ts'
import { InvalidCreatedAfter, InvalidCreatedBefore, InvalidCursor, InvalidLimit, InvalidStatus } from '../errors.ts'
import type { Place } from '../repositories/session-place.ts'

interface Route {
  Querystring: {
    status?: VoiceSessionStatus
    agent_id?: string
    user_identifier?: string
    created_after?: string
    created_before?: string
    limit: number
    cursor?: string
  }
}

const refusals = {
  '/status': InvalidStatus,
  '/created_after': InvalidCreatedAfter,
  '/created_before': InvalidCreatedBefore,
  '/limit': InvalidLimit,
  '/cursor': InvalidCursor,
}

const roomNamePattern = /^agent_[\w.-]{1,200}$/

async function listVoiceSessions(app: FastifyInstance) {
  app.route<Route>({
    ...operation,
    onRequest: app.requireApiKey,
    // What is sent twice is a value that no session has; of these two that is no error.
    preValidation: async ({ query }) => {
      for (const name of ['agent_id', 'user_identifier'] as const) if (Array.isArray(query[name])) query[name] = ''
    },
    schemaErrorFormatter: (errors) =>
      new refusals[errors.map((error) => error.instancePath)[0] as keyof typeof refusals](),
    handler,
  })

  /** A cursor of an earlier version names a session, whose time is looked up. */
  async function placeOf(cursor: string, organization_id: string): Promise<Place> {
    const { key: room_name, createdAt: created_at_us } = parseCursor(cursor, roomNamePattern) ?? {}
    if (room_name === undefined) throw new InvalidCursor()
    if (created_at_us !== undefined) return { room_name, created_at_us }
    const place = await app.lanes.read(organization_id, () => app.repositories.findPlace(room_name, organization_id))
    if (!place) throw new InvalidCursor()
    return place
  }

  async function handler({ query, caller }: FastifyRequest<Route>): Promise<VoiceSessionList> {
    const { limit, cursor, ...filters } = query
    const { organization_id } = caller
    const created_after = momentOf(filters.created_after, InvalidCreatedAfter)
    const created_before = momentOf(filters.created_before, InvalidCreatedBefore)
    const after = cursor === undefined ? undefined : await placeOf(cursor, organization_id)

    const page = { ...filters, created_after, created_before, after, limit: limit + 1 }
    const sessions = await app.lanes.read(organization_id, () => app.repositories.listSessions(organization_id, page))
    const shown = sessions.slice(0, limit)
    const last = sessions.length > limit ? shown.at(-1) : undefined
    return {
      sessions: shown.map(toVoiceSession),
      ...(last && { next_cursor: formatCursor(last.room_name, last.created_at_us) }),
    }
  }
}

export default fp(listVoiceSessions, {
  name: 'list-voice-sessions',
  dependencies: ['key-auth', 'database', 'organization-lanes'],
})
