// What the demo says of itself, and of what it was given: a database, ports, and a place that another demo has.
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { addressesIn } from '../demo/connection.ts'
import { fillGivenDatabase } from '../demo/database.ts'
import { configurationOf } from '../demo/livekit-server.ts'
import { takeLock } from '../demo/lock.ts'
import { UsageError } from '../demo/options.ts'
import { freeTcpPort } from '../demo/ports.ts'
import { tailOf } from '../demo/processes.ts'
import { describeReceipt } from '../demo/receipt.ts'
import { isUsedByOthers, seed } from '../demo/seed.ts'
import { readSettings } from '../demo/settings.ts'
import { explainForgotten } from '../demo/shell.ts'
import { createDatabase } from '../src/repositories/database.ts'
import { createOrganization } from '../src/repositories/organizations.ts'
import { createDatabaseFrom } from './processes.ts'

t.test('a database is nobody else’s while it is empty or has the demo’s organizations only', async (t) => {
  const empty = createDatabase(await createDatabaseFrom(t, 'template0'))
  t.teardown(() => empty.destroy())
  t.equal(await isUsedByOthers(empty), false, 'no tables')

  const db = createDatabase(await createDatabaseFrom(t, 'template'))
  t.teardown(() => db.destroy())
  t.equal(await isUsedByOthers(db), false, 'no organizations')
  await seed(db, `${t.testdir()}/keys.json`)
  t.equal(await isUsedByOthers(db), false, 'its own')
  await createOrganization(db, { name: 'Acme' })
  t.equal(await isUsedByOthers(db), true, 'another’s')
})

t.test('a database that cannot be used is named, with what to do', async (t) => {
  const [down, unknown] = ['postgres://user:canary@127.0.0.1:1/a', 'postgres://user:canary@nowhere.invalid/a']
  const begin = '^the database of DATABASE_URL failed: (?!.*canary)'
  for (const [url, message] of [
    [down, `${begin}ECONNREFUSED .*; nobody listens there: check the host and the port`],
    [unknown, `${begin}.*getaddrinfo .* nowhere.invalid; no host of this name is found: check DATABASE_URL`],
  ] as const)
    for (const hasOwnLivekit of [true, false]) {
      const filling = fillGivenDatabase(url, '/nowhere', hasOwnLivekit)
      await t.rejects(filling, { constructor: UsageError, message: new RegExp(message) })
    }
})

t.test('a second demo of a checkout is told where the first one is, or that it is starting', async (t) => {
  const directory = t.testdir()
  const [lock, connection] = [join(directory, 'lock'), join(directory, 'connection.json')]
  const take = () => takeLock(lock, () => addressesIn(connection))
  await take()
  const running = `process ${process.pid}, which "kill ${process.pid}" ends.\n`
  await t.rejects(take(), { message: new RegExp(`${running}It is still starting`) })
  const content = { url: 'http://127.0.0.1:3000', web_url: 'http://127.0.0.1:8080', api_key: 'tk_live_a' }
  const page = 'Talk to it: +http://127.0.0.1:8080\n'
  for (const [docs_url, rest] of [
    ['http://127.0.0.1:3000/docs', 'Swagger UI: +http://127.0.0.1:3000/docs\n +Authorize: +tk_live_a$'],
    [null, 'Service: +http://127.0.0.1:3000\n +API key: +tk_live_a$'],
  ]) {
    writeFileSync(connection, JSON.stringify({ ...content, docs_url }))
    await t.rejects(take(), { message: new RegExp(running + page + rest) })
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

t.test('what is told of a log names it, and says where it is empty', async (t) => {
  const file = join(t.testdir({ 'service.log': '' }), 'service.log')
  t.equal(tailOf(file), `${file} is empty`)
  writeFileSync(file, 'first\nsecond\nthird\n')
  t.equal(tailOf(file, 2), `The end of ${file}:\nsecond\nthird`)
})

t.test('a receipt says in words why a call is over, how long it was and what it cost', async (t) => {
  const talked = { end_reason: 'ended_by_api', seconds_billed: 61, credits_charged: 1200 }
  t.equal(
    describeReceipt(talked),
    'the call is over: the demo ended it, with DELETE. Talked: 61 seconds, 2 started minutes. Cost: 1,200 credits',
  )
  const nothing = { end_reason: 'room_missing', seconds_billed: 0, credits_charged: 0 }
  t.match(describeReceipt(nothing), 'room missing. Talked: 0 seconds, 0 started minutes. Cost: nothing')
  t.match(
    describeReceipt({ ...talked, seconds_billed: 1, credits_charged: 1 }),
    '1 second, 1 started minute. Cost: 1 credit',
  )
})

t.test('docs/operating.md says of each of LiveKit’s settings what it is for', async (t) => {
  const [, text = ''] = readFileSync('docs/operating.md', 'utf8').split('### What the demo sets in LiveKit\n')
  const [table = ''] = text.split('\n### ')
  const configuration = await configurationOf({ port: 7880, webhookUrl: 'http://127.0.0.1:3000' }, 'key', 'secret')
  // Logging is the demo's own, for its log file.
  const { logging: _, keys, webhook, ...settings } = configuration
  const names = Object.entries(settings).flatMap(([name, value]) =>
    Array.isArray(value) || typeof value !== 'object' ? [name] : Object.keys(value).map((key) => `${name}.${key}`),
  )
  t.ok(names.length > 10)
  for (const name of [...names, ...Object.keys({ keys, webhook })]) t.match(table, new RegExp(`\`${name}[\`:]`), name)
})
