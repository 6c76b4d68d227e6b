// The service, assembled: what is registered here, in this order, is all there is.
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import createVoiceSession from './handlers/create-voice-session.ts'
import endVoiceSession from './handlers/end-voice-session.ts'
import getAgent from './handlers/get-agent.ts'
import getCredits from './handlers/get-credits.ts'
import getUsage from './handlers/get-usage.ts'
import getVoiceSession from './handlers/get-voice-session.ts'
import listAgents from './handlers/list-agents.ts'
import listEvents from './handlers/list-events.ts'
import listVoiceSessions from './handlers/list-voice-sessions.ts'
import { createServer, type Log } from './http-server.ts'
import calls from './plugins/calls/calls.ts'
import credits from './plugins/calls/credits.ts'
import deletions from './plugins/calls/deletions.ts'
import idempotency from './plugins/calls/idempotency.ts'
import organizationLanes from './plugins/calls/organization-lanes.ts'
import reaper from './plugins/calls/reaper.ts'
import sweep from './plugins/calls/sweep.ts'
import database from './plugins/database.ts'
import deliveries from './plugins/deliveries/deliveries.ts'
import eventRetention from './plugins/deliveries/event-retention.ts'
import addresses from './plugins/http/addresses.ts'
import answers from './plugins/http/answers.ts'
import closing from './plugins/http/closing.ts'
import connections from './plugins/http/connections.ts'
import cors from './plugins/http/cors.ts'
import docs from './plugins/http/docs.ts'
import drain from './plugins/http/drain.ts'
import forwarded from './plugins/http/forwarded.ts'
import head from './plugins/http/head.ts'
import health from './plugins/http/health.ts'
import jsonBody from './plugins/http/json-body.ts'
import overload from './plugins/http/overload.ts'
import pressure from './plugins/http/pressure.ts'
import rateLimit from './plugins/http/rate-limit.ts'
import requestLog from './plugins/http/request-log.ts'
import turns from './plugins/http/turns.ts'
import validation from './plugins/http/validation.ts'
import keyAuth from './plugins/key-auth.ts'
import livekit from './plugins/livekit/livekit.ts'
import livekitEventSilence from './plugins/livekit/livekit-event-silence.ts'
import livekitEvents from './plugins/livekit/livekit-events.ts'
import metrics from './plugins/metrics/metrics.ts'

/** As far from here as from dist/server.js, into which this file is bundled. */
const documentPath = join(import.meta.dirname, '..', 'openapi.yaml')

type CallConfig = Pick<Config, 'LIVEKIT_AGENT_NAME' | 'MAX_CALL_MINUTES'>

/** How calls begin and end, each plugin after those whose services it takes. */
export async function registerCalls(app: FastifyInstance, config: CallConfig): Promise<void> {
  const defaults = { worker_name: config.LIVEKIT_AGENT_NAME, max_call_minutes: config.MAX_CALL_MINUTES }
  await app.register(calls)
  await app.register(idempotency, defaults)
  await app.register(credits, defaults)
}

async function registerAll(app: FastifyInstance, config: Config): Promise<void> {
  // HTTP, in the order in which requests are refused. onRequest: its turn on the connection, headers of every answer,
  // overload (never of an unknown path), key. preParsing: unknown path, rate limit. Then the body. What the key stands on comes in between.
  await app.register(turns)
  await app.register(connections)
  await app.register(answers)
  await app.register(forwarded)
  await app.register(head)
  await app.register(cors, { origins: config.CORS_ORIGINS })
  await app.register(drain)
  await app.register(pressure)
  await app.register(overload)
  await app.register(rateLimit, { requestsPerMinute: config.RATE_LIMIT_PER_MINUTE })
  await app.register(jsonBody)
  await app.register(validation)
  await app.register(database, { url: config.DATABASE_URL, preparesStatements: config.PREPARED_STATEMENTS })
  await app.register(metrics, { port: config.METRICS_PORT, host: config.METRICS_HOST })
  await app.register(keyAuth)
  await app.register(requestLog)
  await app.register(health)
  await app.register(docs, { documentPath, publicUrl: config.PUBLIC_URL, servesPage: config.SERVE_DOCS })

  // LiveKit, before the calls, which make and delete its rooms.
  await app.register(livekit, {
    url: config.LIVEKIT_URL,
    apiUrl: config.LIVEKIT_API_URL ?? config.LIVEKIT_URL,
    apiKey: config.LIVEKIT_API_KEY,
    apiSecret: config.LIVEKIT_API_SECRET,
    proxies: config.NODE_USE_ENV_PROXY === '1' ? config : undefined,
  })

  // Calls, before whatever begins or ends one: the operations, LiveKit's events, and the rounds in the background.
  await app.register(organizationLanes)
  await app.register(deletions)
  await registerCalls(app, config)
  await app.register(createVoiceSession)
  await app.register(getVoiceSession)
  await app.register(listVoiceSessions)
  await app.register(endVoiceSession)
  await app.register(listAgents, { maxCallMinutes: config.MAX_CALL_MINUTES })
  await app.register(getAgent, { maxCallMinutes: config.MAX_CALL_MINUTES })
  await app.register(getCredits)
  await app.register(getUsage)
  await app.register(listEvents)
  await app.register(livekitEvents, { apiKey: config.LIVEKIT_API_KEY, apiSecret: config.LIVEKIT_API_SECRET })
  await app.register(livekitEventSilence)
  await app.register(reaper, {
    holdMinutes: config.HOLD_MINUTES,
    maxCallMinutes: config.MAX_CALL_MINUTES,
    agentJoinSeconds: config.AGENT_JOIN_SECONDS,
  })
  await app.register(sweep)

  // What organizations are told of their calls.
  await app.register(deliveries, {
    insecureHosts: config.WEBHOOK_INSECURE_HOSTS,
    secretKey: config.WEBHOOK_SECRET_KEY,
  })
  await app.register(eventRetention)

  await app.register(addresses)
  await app.register(closing)
}

/** The service, ready to listen: everything it needs has answered. Rejects, having closed all, where something has not. */
export async function buildApp(config: Config, log?: Log): Promise<FastifyInstance> {
  const app = createServer(config, log)
  try {
    await registerAll(app, config)
    await app.ready()
    return app
  } catch (error) {
    await app.close()
    throw error
  }
}
