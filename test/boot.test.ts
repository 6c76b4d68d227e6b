// The process starts with everything it needs, or it does not start: one clear line on stderr, without a secret in it, and
// a non-zero exit.
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import t, { type Test } from 'tap'
import { freeTcpPort } from '../demo/ports.ts'
import { migrationNames } from './files.ts'
import { build, environment, exchange, parts, rawCreate, through, until } from './helper.ts'
import { createDatabaseFrom, serverArguments, spawnNode, startServer } from './processes.ts'

/** What the server says when it does not start. */
async function refusal(t: Test, changes: Record<string, string>): Promise<string> {
  const variables = await environment({ PORT: '0', LOG_LEVEL: 'info', ...changes })
  const { code, stdout, stderr } = await spawnNode(t, serverArguments, variables).finished
  t.equal(code, 1, 'exit code')
  t.equal(stdout, '', 'nothing on stdout')
  t.match(stderr, /^Cannot start: .+\n$/, 'one line on stderr')
  t.equal(stderr.split('\n').length, 2, 'one line on stderr')
  for (const secret of ['canary', parts.livekitApiSecret]) t.notMatch(stderr, secret)
  return stderr
}

/** A port that somebody listens on. */
async function takenPort(t: Test): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  return String((server.address() as AddressInfo).port)
}

const withPassword = (url: string) => url.replace('postgres@', 'postgres:canary@')

t.test('a variable that is missing or wrong keeps the process from starting, by name', async (t) => {
  const [missing, wrong] = await Promise.all([
    refusal(t, { LIVEKIT_API_SECRET: '' }),
    refusal(t, { DATABASE_URL: 'postgres://u:canary@h:port/d' }),
  ])
  t.equal(missing, 'Cannot start: LIVEKIT_API_SECRET is required\n')
  t.match(wrong, /^Cannot start: DATABASE_URL must be a URL that begins with postgres/)
})

t.test('a database that does not answer keeps the process from starting', async (t) => {
  const down = await through(t, parts.databaseUrl)
  await down.proxy.set('refuse')
  const silent = await through(t, parts.databaseUrl)
  await silent.proxy.set('hang')
  const unknown = new URL(parts.databaseUrl)
  unknown.pathname = 'nowhere'
  const [ofDown, ofSilent, ofUnknown] = await Promise.all(
    [down.url, silent.url, unknown.href].map((url) => refusal(t, { DATABASE_URL: withPassword(url) })),
  )
  const line = 'Cannot start: the database of DATABASE_URL does not answer: '
  t.match(ofDown, `${line}connect ECONNREFUSED 127.0.0.1:${down.proxy.port}`)
  t.match(ofSilent, new RegExp(`^${line}.*timeout`))
  t.equal(ofUnknown, `${line}3D000 database "nowhere" does not exist\n`)
})

for (const [what, variable, partUrl] of [
  ['the database does not answer', 'DATABASE_URL', parts.databaseUrl],
  ['LiveKit does not answer', 'LIVEKIT_API_URL', parts.livekitUrl],
] as const)
  t.test(`a signal that comes while it starts, and ${what}, ends the process`, async (t) => {
    const { proxy, url } = await through(t, partUrl)
    await proxy.set('hang')
    const variables = await environment({ PORT: '0', [variable]: url })
    const { child, finished } = spawnNode(t, serverArguments, variables)
    await until(async () => proxy.connections() > 0, 60_000)
    const signalledAt = performance.now()
    child.kill('SIGTERM')
    t.match(await finished, { code: 0, stderr: '' })
    t.ok(performance.now() - signalledAt < 15_000)
  })

t.test('a database that was not migrated keeps the process from starting, and the line says what to do', async (t) => {
  const DATABASE_URL = withPassword(await createDatabaseFrom(t, 'template0'))
  const line = `Cannot start: the database lacks migrations (${migrationNames}): run \`npm run migrate\`, or \`node dist/admin.js migrate\`\n`
  t.equal(await refusal(t, { DATABASE_URL }), line)
})

t.test('a port that is taken, or an address that is not ours, keeps the process from starting', async (t) => {
  const port = await takenPort(t)
  const [taken, foreign, takenMetrics] = await Promise.all([
    refusal(t, { PORT: port }),
    refusal(t, { HOST: '192.0.2.1' }),
    refusal(t, { METRICS_PORT: port }),
  ])
  t.match(taken, /HOST and PORT cannot be listened on: .*EADDRINUSE/)
  t.match(foreign, /HOST and PORT cannot be listened on: .*EADDRNOTAVAIL/)
  t.match(takenMetrics, /METRICS_HOST and METRICS_PORT cannot be listened on: .*EADDRINUSE/)
})

t.test('once the service is ready, its log says where it listens, and a session can be created there', async (t) => {
  const { organization } = await build(t)
  const port = await freeTcpPort()
  const variables = await environment({ METRICS_PORT: String(port), LIVEKIT_API_URL: parts.livekitUrl })
  const server = await startServer(t, { ...variables, LOG_LEVEL: 'info' })
  const body = JSON.stringify({ agent_id: organization.pipelineAgent })
  t.match(
    await exchange(server.port, rawCreate(organization.key, body, ['Connection: close'])),
    /^HTTP\/1.1 200 OK\r\n/,
  )
  t.equal((await fetch(`http://127.0.0.1:${port}/metrics`)).status, 200)
  server.child.kill('SIGTERM')
  t.match(await server.finished, { code: 0, stderr: '' })
})
