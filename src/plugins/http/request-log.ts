// One line of log for each request. It names the route, never the URL, a header or the body: any of them may carry a key.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

async function requestLog(app: FastifyInstance) {
  app.addHook('onResponse', async ({ method, routeOptions, caller, failure, log }, reply) => {
    const line = {
      method,
      route: routeOptions.url,
      status: reply.statusCode,
      duration_ms: Math.round(reply.elapsedTime * 10) / 10,
      organization_id: caller?.organization_id,
      detail: failure?.message,
    }
    if (reply.statusCode >= 500) log.error({ ...line, err: failure?.cause }, 'request failed')
    else log.info(line, 'request')
  })
}

export default fp(requestLog, { name: 'request-log', dependencies: ['answers', 'key-auth'] })
