// Prometheus metrics: what the other plugins count here, served on a port of their own so that they are never public by
// accident.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { endReasons } from '../../lifecycle.ts'
import { serveMetrics } from './endpoint.ts'
import { addGauges } from './gauges.ts'
import * as known from './known-labels.ts'

declare module 'fastify' {
  interface FastifyInstance {
    metrics: ReturnType<typeof createMetrics>
  }
}

function createMetrics(registers: Registry[]) {
  const counter = (name: string, help: string) => new Counter({ name, help, registers })
  /** For each value that is known it starts at 0, so that the first time that something happens is an increase. */
  function labelled<Label extends string>(name: string, help: string, label: Label, values: readonly string[]) {
    const counter = new Counter({ name, help, labelNames: [label], registers })
    for (const value of values) counter.inc({ [label]: value } as Record<Label, string>, 0)
    return counter
  }
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
    sessionsEnded: labelled('voice_sessions_ended_total', 'Sessions ended, by reason', 'end_reason', endReasons),
    creditsHeld: counter('credits_held_total', 'Credits held for sessions'),
    creditsCharged: counter('credits_charged_total', 'Held credits that were charged'),
    creditsReturned: counter('credits_returned_total', 'Held credits that were given back'),
    livekitEvents: labelled(
      'livekit_webhooks_total',
      'Events received from LiveKit, by name',
      'event',
      known.livekitEvents,
    ),
    livekitEventsRefused: labelled(
      'livekit_webhooks_refused_total',
      'Requests for /webhooks/livekit that were refused, by reason',
      'reason',
      known.refusals,
    ),
    reaperActions: labelled('reaper_actions_total', 'What the reaper did, by action', 'action', known.reaperActions),
    sweepActions: labelled('sweep_actions_total', 'What the sweep did, by action', 'action', known.sweepActions),
    roomDeletions: labelled(
      'room_deletions_total',
      'Rooms deleted without anybody waiting, by outcome',
      'outcome',
      known.deletionOutcomes,
    ),
    webhookDeliveries: labelled(
      'webhook_deliveries_total',
      'Attempts to deliver an event, by result',
      'result',
      known.deliveryResults,
    ),
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
  addGauges(app, registry)

  await serveMetrics(app, registry, options)
}

export default fp(metrics, { name: 'metrics', dependencies: ['database'] })
