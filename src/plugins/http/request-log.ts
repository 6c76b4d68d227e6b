// One line of log for each request. It names the route, never the URL, a header or the body: any of them may carry a key.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyRequest {
    /** The session that the request was about, for the log. */
    roomName: string | null
  }
}

async function requestLog(app: FastifyInstance) {
  app.decorateRequest('roomName', null)
  app.addHook('onResponse', async ({ method, routeOptions, caller, roomName, failure, log }, reply) => {
    const line = {
      method,
      route: routeOptions.url,
      status: reply.statusCode,
      duration_ms: Math.round(reply.elapsedTime * 10) / 10,
      organization_id: caller?.organization_id,
      room_name: roomName ?? undefined,
      detail: failure?.message,
    }
    if (reply.statusCode >= 500) log.error({ ...line, err: failure?.cause }, 'request failed')
    else log.info(line, 'request')
  })
}

export default fp(requestLog, { name: 'request-log', dependencies: ['answers', 'key-auth'] })
