// Prometheus metrics: what the other plugins count here, served on a port of their own so that they are never public by
// accident.
import { createServer } from 'node:http'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { repeat } from '../loop.ts'
import { auditIntervalSeconds } from '../timings.ts'

declare module 'fastify' {
  interface FastifyInstance {
    metrics: ReturnType<typeof createMetrics>
  }
}

function createMetrics(registers: Registry[]) {
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Counter({ name, help, labelNames, registers })
  return {
    requests: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the first byte of a request to the end of its answer',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    secondsToAgent: new Histogram({
      name: 'voice_session_agent_join_seconds',
      help: 'Time from the creation of a session to its agent in the room',
      buckets: [0.25, 0.5, 1, 2, 5, 10, 15],
      registers,
    }),
    sessionsEnded: counter('voice_sessions_ended_total', 'Sessions ended, by reason', ['end_reason']),
    creditsHeld: counter('credits_held_total', 'Credits held for sessions'),
    creditsCharged: counter('credits_charged_total', 'Held credits that were charged'),
    creditsReturned: counter('credits_returned_total', 'Held credits that were given back'),
    webhooks: counter('livekit_webhooks_total', 'Webhooks received from LiveKit, by event', ['event']),
    reaperActions: counter('reaper_actions_total', 'What the reaper did, by action', ['action']),
    sweepActions: counter('sweep_actions_total', 'What the sweep did, by action', ['action']),
    livekitUp: new Gauge({
      name: 'livekit_up',
      help: '1 while LiveKit’s API answers and takes our key, 0 while not',
      registers,
    }),
    roomsUnknown: new Gauge({
      name: 'rooms_unknown',
      help: 'Rooms of LiveKit that no session is named after',
      registers,
    }),
  }
}

/**
 * Adds up all books once and sets the gauge; to NaN, not to what it was, where that fails. It reads all sessions, so it is
 * not done whenever somebody scrapes.
 */
export function createAudit({ repositories }: FastifyInstance, gauge: Gauge): () => Promise<void> {
  return async () => {
    const differences = await repositories.findDifferences().catch((error) => {
      gauge.set(Number.NaN)
      throw error
    })
    gauge.set(differences.reduce((sum, { credit_difference }) => sum + Math.abs(credit_difference), 0))
  }
}

async function metrics(app: FastifyInstance, options: { port: number; host: string }) {
  const registry = new Registry()
  const metrics = createMetrics([registry])
  app.decorate('metrics', metrics)

  app.addHook('onResponse', async ({ method, routeOptions }, reply) => {
    metrics.requests.observe(
      { method, route: routeOptions.url ?? '', status: reply.statusCode },
      reply.elapsedTime / 1000,
    )
  })
  if (options.port === 0) return

  collectDefaultMetrics({ register: registry })
  const difference = new Gauge({
    name: 'credit_difference',
    help: 'Credits by which the books of all organizations differ: 0, NaN while nobody could count',
    registers: [registry],
  })
  difference.set(Number.NaN)
  repeat(app, 'audit', auditIntervalSeconds * 1000, createAudit(app, difference))
  new Gauge({
    name: 'sessions_past_wake',
    help: 'Open sessions that nobody has looked at for a minute after their time had come: 0 while a reaper runs, NaN where nobody could count',
    registers: [registry],
    async collect() {
      const count = await app.repositories.countPastWake().catch((err) => {
        app.log.warn({ err }, 'sessions past their time not counted')
        return Number.NaN
      })
      this.set(count)
    },
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

export default fp(metrics, { name: 'metrics', dependencies: ['database'] })
