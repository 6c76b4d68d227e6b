// When there are more connections than the process may have files open, or the system refuses something else, the service
// goes on with what it can.
import { connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { freeTcpPort } from '../demo/ports.ts'
import { maxConnections, maxOpenFiles } from '../src/door.ts'
import { build, environment, rawCreate, until } from './helper.ts'
import { serverArguments, startServer } from './processes.ts'
import { exchange, head } from './wire.ts'

const maxFiles = 1024
const connections = 1100

/** The service, which may have so many files open. */
const startLimited = async (t: Test, changes: Record<string, string> = {}) => {
  const limit = `data:text/javascript,import{execFileSync}from"node:child_process";execFileSync("prlimit",["--pid",String(process.pid),"--nofile=${maxFiles}:${maxFiles}"])`
  return startServer(t, await environment({ LOG_LEVEL: 'info', ...changes }), ['--import', limit, ...serverArguments])
}

function openMany(t: Test, port: number, bytes: string): Socket[] {
  const sockets = Array.from({ length: connections }, () => connect(port, '127.0.0.1').on('error', () => {}))
  t.teardown(() => sockets.map((socket) => socket.destroy()))
  for (const socket of sockets) if (bytes) socket.write(bytes)
  return sockets
}

const crowds = {
  'say nothing': '',
  'have sent half a request': 'GET /livez HTTP/1.1\r\n',
  'are kept alive': head('GET', '/livez'),
  'wait for a tunnel': 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n',
}

for (const [what, bytes] of Object.entries(crowds))
  t.test(`${connections} connections that ${what}: others are served, and a session is created`, async (t) => {
    const { organization } = await build(t)
    const metricsPort = await freeTcpPort()
    const server = await startLimited(t, { METRICS_PORT: String(metricsPort) })
    const crowd = openMany(t, server.port, bytes)
    await until(async () => crowd.every(({ connecting }) => !connecting), 60_000)
    await setTimeout(1000)
    // Each on a connection of its own: one that waits for its next request gives way, too, while the others still come.
    const ask = async (bytes: string) => (await exchange(t, server.port, bytes)).status
    for (let time = 0; time < 3; time++) t.equal(await ask(head('GET', '/readyz')), 200)
    t.equal(await ask(rawCreate(organization.key, JSON.stringify({ agent_id: organization.pipelineAgent }))), 200)
    t.equal((await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).status, 200)
    server.child.kill('SIGTERM')
    t.match(await server.finished, { code: 0, stderr: '' })
  })

t.test('connections that say nothing to the port for metrics keep no scraper out', async (t) => {
  const port = await freeTcpPort()
  const server = await startServer(t, await environment({ METRICS_PORT: String(port), LOG_LEVEL: 'info' }))
  openMany(t, port, '')
  await setTimeout(1000)
  t.equal((await fetch(`http://127.0.0.1:${port}/metrics`)).status, 200)
  server.child.kill('SIGTERM')
  t.match(await server.finished, { code: 0, stderr: '' })
})

t.test('a request for metrics that cannot be collected is answered 500, and the service goes on', async (t) => {
  const port = await freeTcpPort()
  const planted = `data:text/javascript,process.on("SIGUSR2",()=>{process.cpuUsage=()=>{throw Object.assign(new Error("EMFILE"),{code:"EMFILE",errno:-24,syscall:"uv_getrusage"})}})`
  const variables = await environment({ METRICS_PORT: String(port), LOG_LEVEL: 'info' })
  const server = await startServer(t, variables, ['--import', planted, ...serverArguments])
  server.child.kill('SIGUSR2')
  const scrape = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).status
  t.equal(await until(async () => (await scrape()) === 500 && 500), 500)
  t.equal((await fetch(`${server.url}/livez`)).status, 200)
})

for (const [where, throwing] of Object.entries({
  'in a timer': 'setTimeout(()=>{throw error})',
  'by an emitter to which nobody listens': 'new (await import("node:events")).EventEmitter().emit("error",error)',
  'by a promise that nobody waits for': 'Promise.reject(error)',
}))
  t.test(`what the system refuses ${where} is logged, and the service goes on`, async (t) => {
    const error = 'Object.assign(new Error("planted"),{code:"EMFILE",errno:-24,syscall:"open"})'
    const planted = `data:text/javascript,process.on("SIGUSR2",async()=>{const error=${error};${throwing}})`
    const variables = await environment({ LOG_LEVEL: 'info' })
    const server = await startServer(t, variables, ['--import', planted, ...serverArguments])
    server.child.kill('SIGUSR2')
    await setTimeout(500)
    t.equal((await fetch(`${server.url}/livez`)).status, 200)
    t.match(server.stdout(), /"message":"planted".*"msg":"the system refused something"/)
    server.child.kill('SIGTERM')
    t.match(await server.finished, { code: 0, stderr: '' })
  })

t.test('how many files may be open is what the system says; where it says nothing, no limit is known', async (t) => {
  t.ok(maxOpenFiles() > 100)
  t.equal(maxOpenFiles('/nowhere'), Number.POSITIVE_INFINITY)
  t.equal(maxOpenFiles('/proc/self/status'), Number.POSITIVE_INFINITY)
})

t.test('connections have half of the files, and no more than half of the memory', async (t) => {
  const mebibyte = 1024 * 1024
  t.equal(maxConnections(1024, 4096 * mebibyte), 512)
  t.equal(maxConnections(1_048_576, 4096 * mebibyte), 65_536)
  t.equal(maxConnections(1_048_576, 256 * mebibyte), 4096)
  t.equal(maxConnections(Number.POSITIVE_INFINITY, 256 * mebibyte), 4096, 'where no limit of files is known')
  t.ok(maxConnections() <= maxOpenFiles() / 2)
  t.ok(Number.isFinite(maxConnections()))
})

t.test('a process with little memory has few connections, and serves who comes', async (t) => {
  const variables = await environment({ LOG_LEVEL: 'info' })
  const server = await startServer(t, variables, [
    '--max-old-space-size=60',
    '--max-semi-space-size=1',
    ...serverArguments,
  ])
  const sockets = openMany(t, server.port, 'GET /livez HTTP/1.1\r\n')
  await setTimeout(3000)
  const open = sockets.filter((socket) => !socket.closed).length
  t.ok(open > 500 && open < 1050, `${open} of ${connections} are open`)
  t.equal((await exchange(t, server.port, head('GET', '/readyz'))).status, 200)
})
