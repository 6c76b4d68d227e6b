// The environment of the service: one schema, checked at start. A variable that is absent or wrong is named, with what it
// must be; its value never is shown.
import { type Static, Type } from '@sinclair/typebox'
import { Ajv, type ErrorObject } from 'ajv'
import { brokenText, formats, keyBytes, listItems, serviceLink, validFormats } from './variables.ts'

export const Environment = Type.Object({
  HOST: Type.String({ default: '127.0.0.1', format: 'host', description: 'Address to listen on' }),
  PORT: Type.Integer({ default: 3000, minimum: 0, maximum: 65535 }),
  DATABASE_URL: Type.String({ format: 'postgres-url', description: 'PostgreSQL connection string' }),
  PREPARED_STATEMENTS: Type.Boolean({ default: true, description: 'false: for a pooler that cannot keep them' }),
  LIVEKIT_URL: Type.String({
    format: 'websocket-url',
    description: 'What callers connect to; part of every answer',
  }),
  LIVEKIT_API_URL: Type.Optional(Type.String({ format: 'api-url' })),
  LIVEKIT_API_KEY: Type.String({ format: 'text' }),
  LIVEKIT_API_SECRET: Type.String({ format: 'text' }),
  LIVEKIT_AGENT_NAME: Type.String({ default: 'voice-agent', format: 'text', description: 'Name of the agent worker' }),
  NODE_USE_ENV_PROXY: Type.Optional(Type.String({ description: '1: LiveKit’s API is called through these' })),
  HTTP_PROXY: Type.Optional(Type.String({ description: 'For http:// and ws://, and where there is no HTTPS_PROXY' })),
  HTTPS_PROXY: Type.Optional(Type.String({ description: 'For https:// and wss://' })),
  NO_PROXY: Type.Optional(Type.String({ description: 'Hosts, domains and addresses that need none' })),
  PUBLIC_URL: Type.Optional(Type.String({ format: 'public-url', description: 'The server that the document names' })),
  SERVE_DOCS: Type.Boolean({ default: true, description: 'false: no Swagger UI at /docs' }),
  CORS_ORIGINS: Type.String({ default: '', format: 'origins', description: 'None: CORS is off' }),
  AGENT_JOIN_SECONDS: Type.Integer({ default: 15, minimum: 1, maximum: 300, description: 'How long a caller waits' }),
  HOLD_MINUTES: Type.Integer({ default: 5, minimum: 1, maximum: 1440 }),
  MAX_CALL_MINUTES: Type.Integer({ default: 60, minimum: 1, maximum: 1440 }),
  TRUST_PROXY: Type.String({ default: 'false', format: 'proxies', description: 'Whose X-Forwarded-For counts' }),
  RATE_LIMIT_PER_MINUTE: Type.Integer({ default: 300, minimum: 1, maximum: 1e9, description: 'Per key and replica' }),
  KEEP_ALIVE_SECONDS: Type.Integer({ default: 72, minimum: 1, maximum: 3600, description: 'For idle connections' }),
  DRAIN_SECONDS: Type.Integer({ default: 0, minimum: 0, maximum: 600, description: 'From SIGTERM until it closes' }),
  WEBHOOK_INSECURE_HOSTS: Type.String({ default: '', format: 'hosts', description: 'http and any address for these' }),
  WEBHOOK_SECRET_KEY: Type.Optional(Type.String({ format: 'key', description: 'Encrypts the secrets of webhooks' })),
  METRICS_PORT: Type.Integer({ default: 9090, minimum: 0, maximum: 65535, description: '0 serves no metrics' }),
  METRICS_HOST: Type.String({ default: '127.0.0.1', format: 'host' }),
  LOG_LEVEL: Type.Unsafe<'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'>({
    type: 'string',
    enum: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    default: 'info',
  }),
})

/** What is read further than its type says. */
type Read = 'CORS_ORIGINS' | 'TRUST_PROXY' | 'WEBHOOK_INSECURE_HOSTS' | 'WEBHOOK_SECRET_KEY'

export interface Config extends Omit<Static<typeof Environment>, Read> {
  /** Exact origins, such as `https://app.example`; empty: CORS is off. */
  CORS_ORIGINS: string[]
  /** Whose X-Forwarded-For is believed: nobody's, everybody's, or that of these addresses and networks. */
  TRUST_PROXY: boolean | string[]
  /** Hosts whose webhooks may go over http and to any address. */
  WEBHOOK_INSECURE_HOSTS: string[]
  /** 32 bytes; undefined where the secrets of webhooks are stored as they are. */
  WEBHOOK_SECRET_KEY: Buffer | undefined
}

/** What a variable must be, in words: nobody who sets it has to read a pattern. */
function expected(schema: ErrorObject['parentSchema']): string {
  const { type, format, enum: values, minimum, maximum } = schema as NonNullable<typeof schema>
  if (values) return `one of ${values.join(', ')}`
  if (type === 'boolean') return 'true or false'
  if (format) return formats[format as keyof typeof formats].words
  return `a whole number from ${minimum} to ${maximum}`
}

/** Variables are text: each is read as the type that it is declared to be. `strictNumbers` would spare Infinity its bounds. */
const ajv = new Ajv({
  allErrors: true,
  coerceTypes: true,
  strictNumbers: false,
  useDefaults: true,
  removeAdditional: 'all',
  verbose: true,
  formats: validFormats,
})
const isEnvironment = ajv.compile<Static<typeof Environment>>(Environment)

/** What is wrong with a variable, as a sentence. */
function explain({ instancePath, params, parentSchema, data }: ErrorObject): string {
  if (params.missingProperty) return `${params.missingProperty} is required`
  const name = instancePath.slice(1)
  const broken = brokenText(String(data))
  return `${name} ${broken ?? `must be ${expected(parentSchema)}${serviceLink(name, data)}`}`
}

function readEnvironment(data: Record<string, unknown>): Static<typeof Environment> {
  if (isEnvironment(data)) return data
  throw new Error([...new Set((isEnvironment.errors as ErrorObject[]).map(explain))].join('; '))
}

const readProxies = (list: string): boolean | string[] =>
  list === 'true' || list === 'false' ? list === 'true' : listItems(list)

/**
 * The variables that are set, without the blanks and line ends around them, which a file or an editor adds. Those of proxies
 * have any letter case; where one is there twice the lower case counts.
 */
function setVariables(environment: Record<string, string | undefined>): Record<string, unknown> {
  const trimmed = Object.entries(environment).map(([name, value = '']) => [name, value.trim()] as const)
  const all = trimmed.filter(([, value]) => value !== '')
  const proxies = all.filter(([name]) => /^(https?|no)_proxy$/i.test(name)).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries([...all, ...proxies.map(([name, value]) => [name.toUpperCase(), value])])
}

/** The variables of proxies must be right only where they are used: others read them, too. */
function checkProxies(config: Static<typeof Environment>): void {
  if (config.NODE_USE_ENV_PROXY !== '1') return
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'] as const) {
    const text = config[name] ?? ''
    const isUrl = name === 'NO_PROXY' || text === '' || formats['proxy-url'].allows(text)
    const fault = brokenText(text) ?? (isUrl ? undefined : `must be ${formats['proxy-url'].words}`)
    if (fault) throw new Error(`${name} ${fault}`)
  }
}

/**
 * The configuration in an environment such as `process.env`, where a blank variable counts as absent. Throws an Error whose
 * message names the variable that is wrong and what it must be.
 */
export function loadConfig(environment: Record<string, string | undefined>): Config {
  const variables = readEnvironment(setVariables(environment))
  checkProxies(variables)
  return {
    ...variables,
    CORS_ORIGINS: listItems(variables.CORS_ORIGINS),
    TRUST_PROXY: readProxies(variables.TRUST_PROXY),
    WEBHOOK_INSECURE_HOSTS: listItems(variables.WEBHOOK_INSECURE_HOSTS),
    WEBHOOK_SECRET_KEY: keyBytes(variables.WEBHOOK_SECRET_KEY ?? ''),
  }
}
