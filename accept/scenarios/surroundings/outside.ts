// What surrounds the service on the other sides: variables from mounted files and from Kubernetes, proxies, load balancers, gateways.
// Each row starts a replica with its variables and says what must be seen of it from outside.
import { execFile } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freeTcpPort } from '../../../demo/ports.ts'
import { program } from '../../build.ts'
import { must } from '../../check.ts'
import { create } from '../../client.ts'
import { type Customer, createCustomer, type Replica, type Stack } from '../../stack.ts'
import { startGateway } from './gateway.ts'

interface Outside {
  /** Over the others'. */
  variables?(stack: Stack): Record<string, string>
  check(replica: Replica, customer: Customer): Promise<unknown>
}

const path = '/v1/chat/voice-sessions'
/** More than Node gives a request from its first byte, and less than a connection has for that byte. */
const silentMilliseconds = 15_000
const drainSeconds = 3
const metricsPort = String(await freeTcpPort())

const statusOf = async (url: string, init: RequestInit = {}) => (await fetch(url, init)).status

async function createsOne(replica: Replica, customer: Customer) {
  const { status, json } = await create(replica.url, customer)
  must(status === 200, `a create was answered ${status} ${json?.detail}`)
  return json
}

async function answersOnEach(port: number): Promise<void> {
  for (const { address, family } of await lookup('localhost', { all: true })) {
    const host = family === 6 ? `[${address}]` : address
    must((await statusOf(`http://${host}:${port}/livez`)) === 200, `${host} does not answer`)
  }
}

async function waitsForTheFirstByte({ port }: Replica): Promise<void> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1')
  await once(socket, 'connect')
  await sleep(silentMilliseconds)
  socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  let text = ''
  for await (const part of socket) text += part
  must(text.startsWith('HTTP/1.1 200 '), `a connection that was opened in advance got ${text.split('\r\n', 1)}`)
}

async function drains(replica: Replica, customer: Customer): Promise<void> {
  replica.process.kill('SIGTERM')
  const startedAt = performance.now()
  while ((await statusOf(`${replica.url}/readyz`)) === 200) await sleep(50)
  await createsOne(replica, customer)
  must((await replica.process.exited) === 'exit code 0', 'it did not end well')
  const seconds = (performance.now() - startedAt) / 1000
  must(seconds >= drainSeconds && seconds < 5 * drainSeconds, `it ended after ${seconds} s`)
}

export const outside: Record<string, Outside> = {
  'line ends of mounted files': {
    variables: ({ livekit }) => ({ LIVEKIT_URL: `${livekit.url}\n`, LIVEKIT_API_SECRET: `${livekit.apiSecret}\r\n` }),
    async check(replica, customer) {
      const { livekit_url } = await createsOne(replica, customer)
      must(livekit_url === livekit_url.trim(), `livekit_url is ${JSON.stringify(livekit_url)}`)
    },
  },
  'an empty form, as curl -d sends it': {
    async check(replica, customer) {
      const { room_name } = await createsOne(replica, customer)
      const headers = { 'x-api-key': customer.key, 'content-type': 'application/x-www-form-urlencoded' }
      const status = await statusOf(`${replica.url}${path}/${room_name}`, { method: 'DELETE', headers, body: '' })
      must(status === 200, `DELETE was answered ${status}`)
    },
  },
  'a proxy that adds ports to addresses': {
    variables: () => ({ TRUST_PROXY: '127.0.0.1' }),
    async check({ url }) {
      const statuses: number[] = []
      for (let port = 50_000; port < 50_030; port++) {
        const headers = { 'x-api-key': 'tk_live_bad', 'x-forwarded-for': `203.0.113.7:${port}` }
        statuses.push(await statusOf(`${url}/v1/credits`, { headers }))
      }
      must(statuses[0] === 401 && statuses.at(-1) === 429, `bad keys were answered ${statuses}`)
    },
  },
  'every address of localhost': {
    variables: () => ({ HOST: 'localhost' }),
    check: ({ port }) => answersOnEach(port),
  },
  'a connection that a load balancer opens in advance': { check: waitsForTheFirstByte },
  'probes by HEAD, and a scrape with a query': {
    variables: () => ({ METRICS_PORT: metricsPort }),
    async check({ url }) {
      for (const probe of ['/livez', '/readyz']) must((await statusOf(url + probe, { method: 'HEAD' })) === 200, probe)
      must((await statusOf(`http://127.0.0.1:${metricsPort}/metrics?x=1`)) === 200, '/metrics?x=1')
    },
  },
  'a gateway that serves it under a path': {
    async check({ url }) {
      const gateway = await startGateway(url, '/voice')
      const { status, missing, loaded } = await gateway.open('/voice/docs')
      gateway.close()
      must(status === 200 && loaded > 3, `the page answered ${status} and loads ${loaded} files`)
      must(missing.length === 0, `it does not find ${missing}`)
    },
  },
  'a load balancer that notices late': {
    variables: () => ({ DRAIN_SECONDS: String(drainSeconds) }),
    check: drains,
  },
}

/** The variables that keep it from starting must be named, with what is wrong, on one line. */
export async function refusesVariables(): Promise<void> {
  const wrong: [Record<string, string>, RegExp][] = [
    [{ METRICS_PORT: 'tcp://10.96.0.10:9090' }, /METRICS_PORT .*Kubernetes.*`metrics`/],
    [{ LIVEKIT_URL: 'wss://x\ny' }, /LIVEKIT_URL must not hold a line end/],
    [{ LIVEKIT_API_SECRET: '"secret"' }, /LIVEKIT_API_SECRET must not stand in quotes/],
  ]
  const env = {
    DATABASE_URL: 'postgres://127.0.0.1/none',
    LIVEKIT_URL: 'ws://127.0.0.1:1',
    LIVEKIT_API_KEY: 'key',
    LIVEKIT_API_SECRET: 'secret',
  }
  for (const [variables, expected] of wrong) {
    const run = promisify(execFile)(process.execPath, [program], { env: { ...env, ...variables } })
    const stderr: string = await run.then(
      () => 'it started',
      (error) => error.stderr,
    )
    must(expected.test(stderr) && stderr.trim().split('\n').length === 1, `${Object.keys(variables)}: ${stderr}`)
  }
}

/** Starts a replica in this surrounding, looks at it from outside, and ends it. */
export async function lookFromOutside(stack: Stack, { variables, check }: Outside): Promise<void> {
  const customer = await createCustomer(stack.db)
  const replica = await stack.startReplica(variables?.(stack) ?? {})
  stack.relay.targets = [replica.url]
  await check(replica, customer).finally(() => replica.process.stop())
}
