// The import law of src, as architecture.test.ts holds it.

/** What a plugin may import. Its own room is its folder under plugins/, without the plugins in it. */
const plugin = [
  ...['own room', 'errors.ts', 'room-name.ts', 'api-key.ts', 'lifecycle.ts', 'next-step.ts', 'timings.ts', 'loop.ts'],
  ...['door.ts', 'contract/*.gen.ts', 'contract/voice-session.ts', 'contract/openapi-3.0.ts'],
  ...['event-timings.ts', 'public-address.ts', 'name-servers.ts', 'webhook-url.ts', 'webhook-secret.ts'],
  ...['type repositories/*', 'node:*'],
]
/**
 * The import law of src. Each file is bound by the first row that it matches; a row lists what it may import besides
 * libraries, `type` where only types.
 */
export const law: Record<string, string[]> = {
  'server.ts': ['app.ts', 'config.ts', 'stdout.ts', 'stop.ts', 'timings.ts'],
  'stdout.ts': ['node:*'],
  'stop.ts': [],
  'admin.ts': ['commands/*'],
  'app.ts': ['http-server.ts', 'plugins/*', 'handlers/*', 'type config.ts', 'node:*'],
  'http-server.ts': ['plugins/http/faults.ts', 'timings.ts', 'type config.ts', 'node:*'],
  'config.ts': ['variables.ts'],
  'variables.ts': ['node:net'],
  'lifecycle.ts': [],
  'next-step.ts': ['type lifecycle.ts', 'timings.ts'],
  'errors.ts': [],
  'timings.ts': [],
  'event-timings.ts': [],
  'room-name.ts': [],
  'days.ts': [],
  'loop.ts': ['node:timers/promises'],
  'door.ts': ['timings.ts', 'node:*'],
  'api-key.ts': ['node:crypto', 'node:zlib'],
  'public-address.ts': [],
  'name-servers.ts': ['node:dns/promises', 'node:timers/promises'],
  'webhook-url.ts': ['public-address.ts', 'node:net'],
  'webhook-secret.ts': ['node:crypto'],
  'commands/*': [
    ...['commands/*', 'repositories/*', 'api-key.ts', 'room-name.ts', 'days.ts', 'variables.ts', 'node:fs'],
    ...['webhook-url.ts', 'webhook-secret.ts', 'public-address.ts', 'name-servers.ts', 'event-timings.ts'],
    ...['node:dns/promises', 'node:net', 'type lifecycle.ts'],
  ],
  'contract/generate.ts': ['contract/typebox.ts', 'node:*'],
  'contract/usage.ts': ['contract/context.ts', 'days.ts', 'type contract/*.gen.ts', 'type repositories/*'],
  'contract/*': ['type contract/*.gen.ts', 'type repositories/*'],
  'handlers/*': ['contract/*', 'days.ts', 'errors.ts', 'type repositories/*'],
  'plugins/database.ts': [...plugin, 'repositories/*'],
  'plugins/*': plugin,
  'repositories/migrations/*': [],
  'repositories/migrate.ts': ['repositories/*', 'timings.ts', 'node:timers/promises'],
  'repositories/concurrent-indexes.ts': ['type repositories/*', 'node:timers/promises'],
  'repositories/repeats.ts': ['type repositories/*', 'node:timers/promises'],
  'repositories/*': [
    'repositories/*',
    'room-name.ts',
    'days.ts',
    'timings.ts',
    'event-timings.ts',
    'type lifecycle.ts',
    'type next-step.ts',
  ],
}

/** Which files wrap which library: there is no other way to it. */
export const libraries: Record<string, string[]> = {
  '@fastify/cors': ['plugins/http/cors.ts'],
  '@fastify/helmet': ['plugins/http/docs.ts'],
  '@fastify/rate-limit': ['plugins/http/rate-limit.ts'],
  '@fastify/response-validation': ['plugins/http/validation.ts'],
  '@fastify/swagger': ['plugins/http/docs.ts'],
  '@fastify/swagger-ui': ['plugins/http/docs.ts'],
  '@sinclair/typebox': ['config.ts', 'contract/*.gen.ts'],
  ajv: ['config.ts', 'plugins/http/validation.ts'],
  'ajv-formats': ['plugins/http/validation.ts'],
  commander: ['commands/*'],
  dataloader: ['repositories/*'],
  fastify: ['http-server.ts', 'type app.ts', 'type plugins/*', 'type handlers/*', 'type loop.ts'],
  'fastify-plugin': ['plugins/*', 'handlers/*'],
  'ipaddr.js': ['public-address.ts'],
  kysely: ['repositories/*'],
  'livekit-server-sdk': ['plugins/livekit/*'],
  pg: ['repositories/database.ts', 'repositories/query.ts'],
  'prom-client': ['plugins/metrics/*'],
  undici: ['plugins/livekit/route.ts', 'plugins/livekit/transport.ts'],
  yaml: ['contract/generate.ts'],
}
