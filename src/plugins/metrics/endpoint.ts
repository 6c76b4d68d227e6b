// Where metrics are served: a small server of their own. Whoever scrapes is no stranger, but may have gone wrong, so it is
// bounded, too. It answers probes as well: they do not wait here behind a crowd that comes in at the other port.
import { createServer } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import { createDoor } from '../../door.ts'
import { connectionMilliseconds } from '../../timings.ts'

/** A few scrapers, each with a few connections. */
const maxConnections = 50
const probes = new Set(['/livez', '/readyz'])

/** Resolves when it listens, until the service closes. */
export async function serveMetrics(app: FastifyInstance, registry: Registry, options: { port: number; host: string }) {
  let text: Promise<string> | undefined
  /** They are collected once, however many ask at once. */
  async function collect(): Promise<string> {
    text ??= registry.metrics().finally(() => {
      text = undefined
    })
    return text
  }

  const server = createServer(async (request, response) => {
    const [path = ''] = request.url?.split('?', 1) ?? []
    if (probes.has(path)) return app.routing(request, response)
    if (path !== '/metrics') return response.writeHead(404).end()
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return response.writeHead(405, { allow: 'GET, HEAD' }).end()
    try {
      const body = await collect()
      response.writeHead(200, { 'content-type': registry.contentType }).end(body)
    } catch (err) {
      app.log.warn({ err }, 'metrics could not be collected')
      response.writeHead(500).end()
    }
  })
  const { sockets } = createDoor(server, () => false, maxConnections)
  server.maxRequestsPerSocket = 1
  server.setTimeout(connectionMilliseconds)

  await new Promise<void>((resolve, reject) => {
    const refuse = (cause: Error) =>
      reject(new Error(`METRICS_HOST and METRICS_PORT cannot be listened on: ${cause.message}`, { cause }))
    server.once('error', refuse).listen(options.port, options.host, resolve)
  })
  server.on('error', (err) => app.log.warn({ err }, 'a connection for metrics was not accepted'))
  app.addHook('onClose', async () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
}
