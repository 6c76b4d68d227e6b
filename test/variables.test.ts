// Variables as surroundings hand them over: from mounted files with a line end, from editors of other systems, from files
// whose quotes nobody took away, and those that Kubernetes sets unasked. The process itself is started with them.
import t, { type Test } from 'tap'
import { Environment, loadConfig } from '../src/config.ts'
import { build, environment, exchange, parts, rawCreate } from './helper.ts'
import { serverArguments, spawnNode, startServer } from './processes.ts'

/** What the server says when it does not start. */
async function refusal(t: Test, changes: Record<string, string>): Promise<string> {
  const { code, stderr } = await spawnNode(t, serverArguments, { ...(await environment()), ...changes }).finished
  t.equal(code, 1)
  t.match(stderr, /^Cannot start: .+\n$/, 'one line')
  t.notMatch(stderr, 'canary', 'no value')
  return stderr
}

t.test('a service whose variables all end with a line end starts, and answers without it', async (t) => {
  const { organization } = await build(t)
  const variables = await environment({ LIVEKIT_API_URL: parts.livekitUrl, METRICS_PORT: '0', TRUST_PROXY: 'false' })
  const ends = ['\n', '\r\n', ' ', '\n\n', '\t', '\u{feff}']
  const mounted = Object.entries(variables).map(([name, value], at) => [name, `${value}${ends[at % ends.length]}`])
  const server = await startServer(t, { ...Object.fromEntries(mounted), LOG_LEVEL: 'info\n' })
  const body = JSON.stringify({ agent_id: organization.pipelineAgent })
  const answer = await exchange(server.port, rawCreate(organization.key, body, ['Connection: close']))
  t.match(answer, /^HTTP\/1.1 200 OK\r\n/)
  t.equal(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))).livekit_url, parts.livekitUrl)
  server.child.kill('SIGTERM')
  t.match(await server.finished, { code: 0, stderr: '' })
})

t.test('a line end, or another invisible character, within a value is refused by name', async (t) => {
  const invisible = 'must not hold a line end or another invisible character'
  const [secret, url] = await Promise.all([
    refusal(t, { LIVEKIT_API_SECRET: 'canary\nsecond' }),
    refusal(t, { LIVEKIT_URL: 'wss://canary\u200b.example' }),
  ])
  t.equal(secret, `Cannot start: LIVEKIT_API_SECRET ${invisible}\n`)
  t.equal(url, `Cannot start: LIVEKIT_URL ${invisible}\n`)
})

t.test('quotes that came with a value are refused by name', async (t) => {
  const quoted = await refusal(t, { LIVEKIT_API_KEY: '"canary"', DATABASE_URL: "'postgres://canary@h/d'" })
  const must = 'must not stand in quotes: they came with the value'
  t.match(quoted, `LIVEKIT_API_KEY ${must}`)
  t.match(quoted, `DATABASE_URL ${must}`)
})

t.test('what Kubernetes sets beside a Service named `metrics` is explained', async (t) => {
  const stderr = await refusal(t, { METRICS_PORT: 'tcp://10.96.0.10:9090', METRICS_SERVICE_HOST: '10.96.0.10' })
  t.match(stderr, 'METRICS_PORT must be a whole number from 0 to 65535, and is an address')
  t.match(stderr, 'Kubernetes sets it so beside a Service named `metrics`')
  t.match(stderr, 'enableServiceLinks: false')
})

t.test('an address where a port or a host should stand is refused in words', async (t) => {
  const [port, host] = await Promise.all([
    refusal(t, { PORT: 'tcp://10.96.0.10:80' }),
    refusal(t, { HOST: 'tcp://10.96.0.10:80', METRICS_HOST: '10.0.0.1:9090' }),
  ])
  t.equal(port, 'Cannot start: PORT must be a whole number from 0 to 65535\n')
  const words = 'must be an address or a host name, without a scheme or a port'
  t.equal(host, `Cannot start: HOST ${words}; METRICS_HOST ${words}\n`)
})

t.test('no variable is read as it comes: each is trimmed, and none may hold what cannot be seen', async (t) => {
  const variables = await environment()
  // The variables of proxies are read by other programs, too, and must be right where they are used.
  const used = { NODE_USE_ENV_PROXY: '1' }
  for (const name of Object.keys(Environment.properties)) {
    if (name === 'NODE_USE_ENV_PROXY') continue
    for (const value of ['a\nb', 'a\0b', 'http://a\r\nb', '127.0.0.1\u2028'.repeat(2)]) {
      const load = () => loadConfig({ ...variables, ...used, [name]: value })
      t.throws(load, { message: `${name} must not hold a line end or another invisible character` }, name)
    }
    const absent = { ...variables, ...used, [name]: undefined }
    const blank = { ...variables, ...used, [name]: ' \n' }
    const outcome = (from: Record<string, string | undefined>) => {
      try {
        return loadConfig(from)
      } catch (error) {
        return (error as Error).message
      }
    }
    t.strictSame(outcome(blank), outcome(absent), `a blank ${name} is absent`)
  }
})
