// Prometheus metrics, on a port of their own so that they are never public by accident.
import { createServer } from 'node:http'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'

async function metrics(app: FastifyInstance, options: { port: number; host: string }) {
  if (options.port === 0) return
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte of a request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })

  app.addHook('onResponse', async ({ method, routeOptions }, reply) => {
    requests.observe({ method, route: routeOptions.url ?? '', status: reply.statusCode }, reply.elapsedTime / 1000)
  })

  const server = createServer(async (request, response) => {
    if (request.url !== '/metrics') return response.writeHead(404).end()
    response.writeHead(200, { 'content-type': registry.contentType }).end(await registry.metrics())
  })
  await new Promise<void>((resolve, reject) => {
    const refuse = (cause: Error) =>
      reject(new Error(`METRICS_HOST and METRICS_PORT cannot be listened on: ${cause.message}`, { cause }))
    server.once('error', refuse).listen(options.port, options.host, resolve)
  })
  app.addHook('onClose', () => new Promise((resolve) => server.close(resolve).closeAllConnections()))
}

export default fp(metrics, { name: 'metrics' })
