// The environment: defaults where a variable may be absent, and a refusal that names the variable, and never its value,
// where it is missing or wrong.
import t from 'tap'
import { loadConfig } from '../src/config.ts'

const complete = {
  DATABASE_URL: 'postgres://user:password@127.0.0.1/voice',
  LIVEKIT_URL: 'wss://livekit.example',
  LIVEKIT_API_KEY: 'key',
  LIVEKIT_API_SECRET: 'secret',
}

t.test('four variables are needed; the others have the documented defaults', async (t) => {
  t.strictSame(loadConfig(complete), {
    ...complete,
    HOST: '127.0.0.1',
    PORT: 3000,
    LIVEKIT_AGENT_NAME: 'voice-agent',
    PREPARED_STATEMENTS: true,
    CORS_ORIGINS: [],
    SERVE_DOCS: true,
    AGENT_JOIN_SECONDS: 15,
    HOLD_MINUTES: 5,
    MAX_CALL_MINUTES: 60,
    TRUST_PROXY: false,
    RATE_LIMIT_PER_MINUTE: 300,
    KEEP_ALIVE_SECONDS: 72,
    DRAIN_SECONDS: 0,
    WEBHOOK_INSECURE_HOSTS: [],
    WEBHOOK_SECRET_KEY: undefined,
    METRICS_PORT: 9090,
    METRICS_HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
  })
  for (const name of Object.keys(complete)) {
    const message = `${name} is required`
    t.throws(() => loadConfig({ ...complete, [name]: undefined }), { message }, `without ${name}`)
    t.throws(() => loadConfig({ ...complete, [name]: '' }), { message }, `with an empty ${name}`)
  }
})

/** Values that a variable must not have. Each holds a text that a message would have no reason to hold. */
const wrong: Record<string, string[]> = {
  PORT: ['canary', 'Infinity', '-1', '65536', '80.5', '3000canary'],
  DATABASE_URL: [
    'canary',
    'mysql://canary@h/d',
    'postgres://u:canary@h:port/d',
    'postgres://u:canary@h:99999/d',
    'postgres://u:canary%@/d?host=/tmp',
  ],
  LIVEKIT_URL: [
    'canary',
    'https://canary.example',
    'wss://',
    'wss://can ary',
    'wss://canary:port',
    'ws:canary',
    'wss://h/?canary',
    'wss://h#canary',
    'wss://me:canary@h',
  ],
  LIVEKIT_API_URL: [
    'canary',
    'ftp://canary.example',
    'https://',
    'https://canary:99999',
    'http://h/a?canary',
    'https://canary@h',
  ],
  PUBLIC_URL: ['canary', '/canary', 'wss://canary', 'https://u:canary@h', 'https://h/?canary'],
  SERVE_DOCS: ['canary', '2'],
  PREPARED_STATEMENTS: ['canary', 'yes', '1canary'],
  WEBHOOK_INSECURE_HOSTS: ['http://canary', 'canary:80', 'a,canary/', '*.canary'],
  WEBHOOK_SECRET_KEY: ['canary', 'ab'.repeat(33), 'canary+'.repeat(7)],
  CORS_ORIGINS: ['*', 'canary', 'https://canary.example/', 'https://*.canary.example', 'null', 'https://a.b,canary'],
  AGENT_JOIN_SECONDS: ['canary', '0', '301', '1.5'],
  HOLD_MINUTES: ['canary', '0', '1441', '1.5', '-5'],
  MAX_CALL_MINUTES: ['canary', '0', '1441', '1.5', 'Infinity'],
  TRUST_PROXY: ['canary', 'yes', '10.0.0.0/33', '10.0.0.0/8/8', '::1/129', '10.0.0.0/canary', '127.0.0.1,canary'],
  RATE_LIMIT_PER_MINUTE: ['canary', '0', '-1', '1.5', 'Infinity'],
  METRICS_PORT: ['canary', '-1', '65536', 'tcp://canary:9090'],
  HOST: ['http://canary', 'canary:3000', '[::1]', 'canary/24'],
  METRICS_HOST: ['tcp://canary:9090', 'canary canary'],
  LOG_LEVEL: ['canary', 'INFO', 'verbose'],
}

for (const [name, values] of Object.entries(wrong)) {
  t.test(`a wrong ${name} is refused by name, and its value is not shown`, async (t) => {
    for (const value of values) {
      const error = t.throws(() => loadConfig({ ...complete, [name]: value }), Error, value) as unknown as Error
      t.match(error.message, new RegExp(`^${name} `), value)
      t.notMatch(error.message, /canary|:password|secret/, value)
      t.notMatch(error.message, /[\^\\]|\(\?|\)\?/, 'words, no pattern')
    }
  })
}

t.test('the URLs of LiveKit may have a path', async (t) => {
  for (const LIVEKIT_URL of ['wss://h/', 'wss://h:7880/live/kit', 'ws://[::1]:7880/a/'])
    t.equal(loadConfig({ ...complete, LIVEKIT_URL }).LIVEKIT_URL, LIVEKIT_URL)
})

t.test('proxies are named in any letter case, and only where they are used they must be right', async (t) => {
  const proxies = (variables: Record<string, string>) => {
    const { HTTP_PROXY, HTTPS_PROXY, NO_PROXY } = loadConfig({ ...complete, ...variables })
    return [HTTP_PROXY, HTTPS_PROXY, NO_PROXY]
  }
  t.strictSame(proxies({ http_proxy: 'http://a', Https_Proxy: 'http://b', NO_PROXY: 'c' }), [
    'http://a',
    'http://b',
    'c',
  ])
  t.strictSame(proxies({ http_proxy: 'http://a', HTTP_PROXY: 'http://b' }), ['http://a', undefined, undefined])
  t.strictSame(proxies({ http_proxy: '', HTTP_PROXY: 'http://b' }), ['http://b', undefined, undefined])
  t.strictSame(proxies({ HTTP_PROXY: 'canary' }), ['canary', undefined, undefined])
  for (const name of ['HTTP_PROXY', 'https_proxy'])
    for (const value of ['canary', 'socks5://canary', 'http://canary:port', 'http://u:canary%@h'])
      t.throws(() => proxies({ NODE_USE_ENV_PROXY: '1', [name]: value }), {
        message: `${name.toUpperCase()} must be a URL, http:// or https://`,
      })
})

t.test('all that is wrong is named at once', async (t) => {
  t.throws(() => loadConfig({ ...complete, LIVEKIT_API_KEY: '', PORT: 'x', LOG_LEVEL: 'x' }), {
    message:
      /LIVEKIT_API_KEY is required.*PORT must be a whole number from.*LOG_LEVEL must be one of fatal, error, warn/,
  })
})

t.test('lists are read as lists, TRUST_PROXY as a switch or a list', async (t) => {
  const { CORS_ORIGINS } = loadConfig({ ...complete, CORS_ORIGINS: 'https://a.example, http://localhost:5173,' })
  t.strictSame(CORS_ORIGINS, ['https://a.example', 'http://localhost:5173'])
  const trusted = (TRUST_PROXY: string) => loadConfig({ ...complete, TRUST_PROXY }).TRUST_PROXY
  t.strictSame(trusted('true'), true)
  t.strictSame(trusted('false'), false)
  t.strictSame(trusted('127.0.0.1, 10.0.0.0/8, ::1, fd00::/8'), ['127.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8'])
})

t.test('what a connection string of PostgreSQL may be, it may be here', async (t) => {
  for (const DATABASE_URL of [
    'postgresql://h/d',
    'postgres://u:p%40ss@[::1]:5432/d?sslmode=require',
    'postgres:///d?host=/var/run/postgresql',
    'postgres://%2Fvar%2Frun%2Fpostgresql/d',
    'postgres://u:p%40ss@/d?host=/cloudsql/project:region:instance',
    'postgres://u@/d?host=/var/run/postgresql',
  ])
    t.equal(loadConfig({ ...complete, DATABASE_URL }).DATABASE_URL, DATABASE_URL)
})
