// The architecture: who may import whom, which file wraps which library, and who may touch the process.
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import t from 'tap'
import { sources } from './sources.ts'

/** What a plugin may import. Its own room is its folder under plugins/, without the plugins in it. */
const plugin = [
  ...['own room', 'errors.ts', 'room-name.ts', 'api-key.ts', 'lifecycle.ts', 'next-step.ts', 'timings.ts', 'loop.ts'],
  ...['door.ts', 'contract/*.gen.ts', 'contract/voice-session.ts', 'contract/openapi-3.0.ts'],
  ...['public-address.ts', 'webhook-url.ts', 'webhook-secret.ts', 'type repositories/*', 'node:*'],
]
/**
 * The import law of src. Each file is bound by the first row that it matches; a row lists what it may import besides
 * libraries, `type` where only types.
 */
const law: Record<string, string[]> = {
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
  'room-name.ts': [],
  'days.ts': [],
  'loop.ts': ['node:timers/promises'],
  'door.ts': ['timings.ts', 'node:*'],
  'api-key.ts': ['node:crypto', 'node:zlib'],
  'public-address.ts': [],
  'webhook-url.ts': ['public-address.ts', 'node:net'],
  'webhook-secret.ts': ['node:crypto'],
  'commands/*': [
    ...['commands/*', 'repositories/*', 'api-key.ts', 'room-name.ts', 'days.ts', 'variables.ts', 'node:fs'],
    ...['webhook-url.ts', 'webhook-secret.ts', 'type lifecycle.ts'],
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
  'repositories/*': ['repositories/*', 'room-name.ts', 'timings.ts', 'type lifecycle.ts', 'type next-step.ts'],
}

/** Which files wrap which library: there is no other way to it. */
const libraries: Record<string, string[]> = {
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

/** Who may touch `process`: what is one, and a script. */
const processes = ['server.ts', 'stop.ts', 'admin.ts', 'config.ts', 'contract/generate.ts']

const maxPluginLines = 120

const matches = (pattern: string, name: string) => {
  const escaped = pattern.replaceAll(/[.+^$()[\]{}|]/g, '\\$&').replaceAll('*', '.*')
  return new RegExp(`^${escaped}$`).test(name)
}
/** True where one of the patterns allows the name; a pattern with `type` does so for types only. */
const allows = (patterns: string[], name: string, isType: boolean) =>
  patterns.some((pattern) => matches(isType ? pattern.replace(/^type /, '') : pattern, name))

const rowOf = (name: string) => Object.keys(law).find((pattern) => matches(pattern, name)) ?? ''
const isInOwnRoom = (name: string, from: string) =>
  dirname(name) === dirname(from) &&
  matches('plugins/*/*', from) &&
  sources.some((source) => source.name === from && !source.isPlugin)

for (const { name, imports } of sources) {
  t.test(`src/${name} imports only what it may`, async (t) => {
    t.ok(law[rowOf(name)], 'the law knows the file')
    const row = law[rowOf(name)] ?? []
    for (const { from, isType } of imports) {
      const mayReach =
        allows(libraries[from] ?? [], name, isType) ||
        allows(row, from, isType) ||
        (row.includes('own room') && isInOwnRoom(name, from))
      t.ok(mayReach, `${isType ? 'type ' : ''}${from}`)
    }
  })
}

t.test('every row of the law binds somebody', async (t) => {
  const bound = new Set(sources.map(({ name }) => rowOf(name)))
  for (const row of Object.keys(law)) t.ok(bound.has(row), row)
})

t.test('every library that the service installs is wrapped, and by whom it is said', async (t) => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  for (const library of Object.keys(dependencies)) t.ok(libraries[library], library)
  for (const [library, wrappers] of Object.entries(libraries)) {
    const users = sources.filter(({ imports }) => imports.some(({ from }) => from === library))
    for (const wrapper of wrappers)
      t.ok(
        users.some(({ name }) => allows([wrapper], name, true)),
        `${library} by ${wrapper}`,
      )
  }
})

t.test('src uses nothing of the folders around it', async (t) => {
  for (const { name, imports } of sources)
    for (const { from } of imports) t.notOk(from.startsWith('..'), `${name}: ${from}`)
})

t.test('only a process touches `process`', async (t) => {
  for (const { name, identifiers } of sources) {
    const may = processes.some((pattern) => matches(pattern, name))
    if (!may) t.notOk(identifiers.has('process'), name)
  }
})

t.test('a plugin decorates the application with one thing at most, and is no longer than it may be', async (t) => {
  for (const { name, text } of sources.filter(({ name }) => name.startsWith('plugins/'))) {
    t.ok(text.split('app.decorate(').length <= 2, name)
    t.ok(text.split('\n').length - 1 <= maxPluginLines, `${name} has ${text.split('\n').length - 1} lines`)
  }
})

t.test('every source opens with what it is', async (t) => {
  for (const { name, text } of sources) t.match(text, /^\/\/ \S/, name)
})
