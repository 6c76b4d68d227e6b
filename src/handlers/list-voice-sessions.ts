// listVoiceSessions: the organization's sessions, newest first, page by page. A cursor is the last room name of the page
// before: sessions are never deleted, so it always leads on.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import {
  listVoiceSessions as operation,
  type VoiceSessionList,
  type VoiceSessionStatus,
} from '../contract/openapi.gen.ts'
import { toVoiceSession } from '../contract/voice-session.ts'
import { InvalidCursor, InvalidLimit, InvalidStatus } from '../errors.ts'

interface Route {
  Querystring: { status?: VoiceSessionStatus; limit: number; cursor?: string }
}

const refusals = { '/limit': InvalidLimit, '/status': InvalidStatus, '/cursor': InvalidCursor }

async function listVoiceSessions(app: FastifyInstance) {
  app.route<Route>({
    ...operation,
    onRequest: app.requireApiKey,
    schemaErrorFormatter: (errors) =>
      new refusals[errors.map((error) => error.instancePath)[0] as keyof typeof refusals](),
    handler,
  })

  async function handler({ query, caller }: FastifyRequest<Route>): Promise<VoiceSessionList> {
    const { status, limit, cursor } = query
    const { organization_id } = caller
    const after = cursor === undefined ? undefined : Buffer.from(cursor, 'base64url').toString()
    const isKnown =
      after === undefined ||
      (await app.lanes.read(organization_id, () => app.repositories.findSession(after, organization_id)))
    if (!isKnown) throw new InvalidCursor()

    const page = { status, after, limit: limit + 1 }
    const sessions = await app.lanes.read(organization_id, () => app.repositories.listSessions(organization_id, page))
    const shown = sessions.slice(0, limit)
    const last = sessions.length > limit ? shown.at(-1) : undefined
    return {
      sessions: shown.map(toVoiceSession),
      ...(last && { next_cursor: Buffer.from(last.room_name).toString('base64url') }),
    }
  }
}

export default fp(listVoiceSessions, {
  name: 'list-voice-sessions',
  dependencies: ['key-auth', 'database', 'organization-lanes'],
})
