// The environment of the service: one schema, checked at start. A variable that is absent or wrong is named; its value
// never is.
import { isIP } from 'node:net'
import { type Static, Type } from '@sinclair/typebox'
import { Ajv, type ErrorObject } from 'ajv'

/** With a path or without; who calls has no name or password, and adds to the path. */
const hostAndPath = '://[^\\s/?#@]+(/[^\\s?#@]*)?$'

export const Environment = Type.Object({
  HOST: Type.String({ default: '127.0.0.1', description: 'Address to listen on' }),
  PORT: Type.Integer({ default: 3000, minimum: 0, maximum: 65535 }),
  DATABASE_URL: Type.String({ pattern: '^postgres(ql)?://', description: 'PostgreSQL connection string' }),
  PREPARED_STATEMENTS: Type.Boolean({ default: true, description: 'false: for a pooler that cannot keep them' }),
  LIVEKIT_URL: Type.String({
    pattern: `^wss?${hostAndPath}`,
    description: 'What callers connect to; part of every answer',
  }),
  LIVEKIT_API_URL: Type.Optional(Type.String({ pattern: `^(https?|wss?)${hostAndPath}` })),
  LIVEKIT_API_KEY: Type.String({ minLength: 1 }),
  LIVEKIT_API_SECRET: Type.String({ minLength: 1 }),
  LIVEKIT_AGENT_NAME: Type.String({ default: 'voice-agent', minLength: 1, description: 'Name of the agent worker' }),
  NODE_USE_ENV_PROXY: Type.Optional(Type.String({ description: '1: LiveKit’s API is called through these' })),
  HTTP_PROXY: Type.Optional(Type.String({ description: 'For http:// and ws://, and where there is no HTTPS_PROXY' })),
  HTTPS_PROXY: Type.Optional(Type.String({ description: 'For https:// and wss://' })),
  NO_PROXY: Type.Optional(Type.String({ description: 'Hosts, domains and addresses that need none' })),
  CORS_ORIGINS: Type.String({ default: '', description: 'Exact origins, comma-separated; none: CORS is off' }),
  AGENT_JOIN_SECONDS: Type.Integer({ default: 15, minimum: 1, maximum: 300, description: 'How long a caller waits' }),
  HOLD_MINUTES: Type.Integer({ default: 5, minimum: 1, maximum: 1440 }),
  MAX_CALL_MINUTES: Type.Integer({ default: 60, minimum: 1, maximum: 1440 }),
  TRUST_PROXY: Type.String({ default: 'false', description: 'true, false, or the addresses of proxies' }),
  RATE_LIMIT_PER_MINUTE: Type.Integer({ default: 300, minimum: 1, description: 'Requests per key and replica' }),
  KEEP_ALIVE_SECONDS: Type.Integer({ default: 72, minimum: 1, maximum: 3600, description: 'For idle connections' }),
  DRAIN_SECONDS: Type.Integer({ default: 0, minimum: 0, maximum: 600, description: 'From SIGTERM until it closes' }),
  METRICS_PORT: Type.Integer({ default: 9090, minimum: 0, maximum: 65535, description: '0 serves no metrics' }),
  METRICS_HOST: Type.String({ default: '127.0.0.1' }),
  LOG_LEVEL: Type.Unsafe<'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'>({
    type: 'string',
    enum: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    default: 'info',
  }),
})

export interface Config extends Omit<Static<typeof Environment>, 'CORS_ORIGINS' | 'TRUST_PROXY'> {
  /** Exact origins, such as `https://app.example`; empty: CORS is off. */
  CORS_ORIGINS: string[]
  /** Whose X-Forwarded-For is believed: nobody's, everybody's, or that of these addresses and networks. */
  TRUST_PROXY: boolean | string[]
}

function explain({ instancePath, message, params }: ErrorObject): string {
  if (params.missingProperty) return `${params.missingProperty} is required`
  const allowed = params.allowedValues ? `: ${params.allowedValues.join(', ')}` : ''
  return `${instancePath.slice(1)} ${message}${allowed}`
}

/** Variables are text: each is read as the type that it is declared to be. */
const ajv = new Ajv({ allErrors: true, coerceTypes: true, useDefaults: true, removeAdditional: 'all' })
const isEnvironment = ajv.compile<Static<typeof Environment>>(Environment)

function readEnvironment(data: Record<string, unknown>): Static<typeof Environment> {
  if (isEnvironment(data)) return data
  throw new Error((isEnvironment.errors as ErrorObject[]).map(explain).join('; '))
}

const listItems = (list: string): string[] =>
  list
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean)

function exactOrigins(list: string): string[] {
  const isExact = (origin: string) =>
    /^https?:[^*]+$/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin
  const origins = listItems(list)
  if (!origins.every(isExact)) throw new Error('CORS_ORIGINS must list exact origins, such as https://app.example')
  return origins
}

function trustedProxies(list: string): boolean | string[] {
  if (list === 'true' || list === 'false') return list === 'true'
  const isNetwork = (item: string) => {
    const [address = '', bits = '0', ...rest] = item.split('/')
    const family = isIP(address)
    return family > 0 && /^\d+$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128) && rest.length === 0
  }
  const addresses = listItems(list)
  if (!addresses.every(isNetwork)) throw new Error('TRUST_PROXY must be true, false, or list IP addresses or networks')
  return addresses
}

/** The variables that are set. Those of proxies have any letter case; where one is there twice the lower case counts. */
function setVariables(environment: Record<string, string | undefined>): Record<string, unknown> {
  const all = Object.entries(environment).filter(([, value]) => value !== '')
  const proxies = all.filter(([name]) => /^(https?|no)_proxy$/i.test(name)).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries([...all, ...proxies.map(([name, value]) => [name.toUpperCase(), value])])
}

/**
 * The configuration in an environment such as `process.env`, where an empty variable counts as absent. Throws an Error
 * whose message names the variable that is wrong and what it must be.
 */
export function loadConfig(environment: Record<string, string | undefined>): Config {
  const { CORS_ORIGINS, TRUST_PROXY, ...rest } = readEnvironment(setVariables(environment))
  for (const name of ['DATABASE_URL', 'LIVEKIT_URL', 'LIVEKIT_API_URL'] as const) {
    const url = rest[name]
    if (url !== undefined && !URL.canParse(url)) throw new Error(`${name} must be a URL`)
  }
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY'] as const) {
    const url = rest.NODE_USE_ENV_PROXY === '1' ? rest[name] : undefined
    if (url !== undefined && !(/^https?:/i.test(url) && URL.canParse(url)))
      throw new Error(`${name} must be a URL, http:// or https://`)
  }
  return { ...rest, CORS_ORIGINS: exactOrigins(CORS_ORIGINS), TRUST_PROXY: trustedProxies(TRUST_PROXY) }
}
