// What the demo is given: variables, ports and a database. What is wrong with them is a sentence that names the variable.
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import t from 'tap'
import { fillGivenDatabase } from '../demo/database.ts'
import { UsageError } from '../demo/options.ts'
import { freeTcpPort } from '../demo/ports.ts'
import { readSettings } from '../demo/settings.ts'
import { explainForgotten } from '../demo/shell.ts'

t.test('a database that cannot be used is named, with what to do', async (t) => {
  const [down, unknown] = ['postgres://user:canary@127.0.0.1:1/a', 'postgres://user:canary@nowhere.invalid/a']
  const begin = '^the database of DATABASE_URL failed: (?!.*canary)'
  for (const [url, message] of [
    [down, `${begin}connect ECONNREFUSED .*; nobody listens there: check the host and the port`],
    [unknown, `${begin}.*getaddrinfo .* nowhere.invalid; no host of this name is found: check DATABASE_URL`],
  ] as const)
    for (const hasOwnLivekit of [true, false]) {
      const filling = fillGivenDatabase(url, '/nowhere', hasOwnLivekit)
      await t.rejects(filling, { constructor: UsageError, message: new RegExp(message) })
    }
})

t.test('a port that is taken is named, with the one that is used for it; a free one is not', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const free = String(await freeTcpPort())
  for (const [taken, setting] of [
    ['PORT', 'port'],
    ['WEB_PORT', 'webPort'],
    ['METRICS_PORT', 'metricsPort'],
  ] as const) {
    t.intercept(process, 'env', { value: { PORT: '0', METRICS_PORT: '0', WEB_PORT: free, [taken]: String(port) } })
    const lines: string[] = []
    const settings = await readSettings((line) => lines.push(line))
    t.not(settings[setting], port)
    t.strictSame(lines, [`port ${port} (${taken}) is taken on 127.0.0.1: using ${settings[setting]}`])
  }
})

t.test('the service’s variables are checked as the service does, before anything is started', async (t) => {
  const ports = { PORT: '0', METRICS_PORT: '0', WEB_PORT: '0' }
  const settingsOf = (variables: Record<string, string>) => {
    t.intercept(process, 'env', { value: { ...ports, ...variables } })
    return readSettings(() => {})
  }
  t.match(await settingsOf({ DATABASE_URL: ' ', SERVE_DOCS: 'false' }), { databaseUrl: undefined, docsUrl: null })
  const { url, docsUrl } = await settingsOf({})
  t.equal(docsUrl, `${url}/docs`)
  const host = 'HOST must be an address or a host name, without a scheme or a port'
  for (const [variables, message] of [
    [{ HOST: 'http://127.0.0.1:3000' }, host],
    [
      { METRICS_HOST: 'a:1', DATABASE_URL: 'canary' },
      /^DATABASE_URL must be a URL that .*; METRICS_HOST must be (?!.*canary)/,
    ],
    [{ HOST: 'nowhere.invalid' }, /^HOST and PORT cannot be listened on: getaddrinfo/],
    [{ METRICS_HOST: '192.0.2.1', METRICS_PORT: '9090' }, /^METRICS_HOST and METRICS_PORT cannot be listened on: /],
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be one of /],
    [{ WEB_PORT: '65536' }, 'WEB_PORT must be a whole number from 0 to 65535'],
    [{ LIVEKIT_API_URL: 'ws://127.0.0.1:1' }, /^set all of LIVEKIT_URL, /],
  ] as const)
    await t.rejects(settingsOf(variables), { constructor: UsageError, message }, JSON.stringify(variables))
})

t.test('what is ignored of the shell is told with the reason', async (t) => {
  t.strictSame(explainForgotten([]), [])
  t.strictSame(explainForgotten(['PGSSLMODE']), ['PGSSLMODE is ignored: the demo starts its own PostgreSQL'])
  t.strictSame(explainForgotten(['PGPORT', 'NODE_OPTIONS', 'NODE_USE_ENV_PROXY', 'PGHOST']), [
    'PGHOST, PGPORT are ignored: the demo starts its own PostgreSQL',
    'NODE_USE_ENV_PROXY is ignored: the demo starts its own LiveKit',
    'NODE_OPTIONS is ignored: the demo has its own options for Node',
  ])
})
