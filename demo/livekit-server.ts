// A real livekit-server that needs no network: everything about it stays on the loopback address.
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DOCKER_IMAGE, type LivekitProgram } from './livekit-binary.ts'
import { freeTcpPort, freeUdpPort } from './ports.ts'
import { type RunningProcess, startProcess, tailOf } from './processes.ts'
import { becomesReady } from './readiness.ts'
import { plainEnvironment } from './shell.ts'

const ATTEMPTS = 5
/** Docker may have to fetch its image first. */
const DOCKER_START_TIMEOUT_MS = 300_000

export interface LivekitOptions {
  program: LivekitProgram
  /** Where its configuration is written. */
  directory: string
  logFile: string
  eventsUrl?: string
  /** For coming back as the same server after a crash. */
  port?: number
  apiSecret?: string
  /** Changes to the section "room" of its configuration, such as { auto_create: true } or { departure_timeout: 2 }. */
  room?: Record<string, unknown>
  /** The Redis, as `host:port`, by which several are one cluster. */
  redis?: string
}

export interface RunningLivekit extends RunningProcess {
  port: number
  url: string
  apiKey: string
  apiSecret: string
}

/** Starts it and answers once it takes requests. */
export async function startLivekitServer(options: LivekitOptions): Promise<RunningLivekit> {
  const { program, logFile } = options
  const directory = resolve(options.directory)
  const inDocker = program.found === 'in Docker'
  const prefix = inDocker
    ? ['run', '--rm', '--network', 'host', '--volume', `${directory}:${directory}:ro`, DOCKER_IMAGE]
    : []
  const apiKey = 'devkey'
  const apiSecret = options.apiSecret ?? randomBytes(24).toString('hex')
  mkdirSync(directory, { recursive: true })
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freeTcpPort())
    const configuration = await configurationOf({ ...options, port }, apiKey, apiSecret)
    const file = join(directory, 'livekit.yaml')
    // JSON is YAML. The file holds the secret.
    writeFileSync(file, `${JSON.stringify(configuration, undefined, 2)}\n`, { mode: 0o600 })
    const livekit = await startProcess({
      name: 'livekit-server',
      command: program.command,
      args: [...prefix, '--config', file],
      // It would take more than its configuration from variables, such as LIVEKIT_PORT, REDIS_HOST and NODE_IP.
      ...(!inDocker && { env: plainEnvironment() }),
      logFile,
      // The first asks it to wait for the calls in its rooms, the second not to.
      farewell: [
        ['SIGTERM', 100],
        ['SIGTERM', 3000],
      ],
    })
    const timeoutMs = inDocker ? DOCKER_START_TIMEOUT_MS : undefined
    if (await becomesReady(livekit, () => answers(port), timeoutMs)) {
      return { ...livekit, port, url: `ws://127.0.0.1:${port}`, apiKey, apiSecret }
    }
    const hasEnded = await Promise.race([livekit.exited.then(() => true), false])
    await livekit.stop()
    // One that has ended lost one of its ports to somebody else meanwhile.
    if (!hasEnded || attempt === ATTEMPTS) throw new Error(`livekit-server does not start. ${tailOf(logFile)}`)
    await sleep(attempt * 100)
  }
}

/** What LiveKit is told, each setting of which docs/operating.md explains. */
export async function configurationOf(
  options: Pick<LivekitOptions, 'eventsUrl' | 'room' | 'redis'> & { port: number },
  apiKey: string,
  apiSecret: string,
) {
  const { port, eventsUrl, room, redis } = options
  return {
    port,
    bind_addresses: ['127.0.0.1'],
    keys: { [apiKey]: apiSecret },
    logging: { level: 'info', json: true },
    rtc: {
      node_ip: '127.0.0.1',
      use_external_ip: false,
      enable_loopback_candidate: true,
      interfaces: { includes: ['lo', 'lo0'] },
      ips: { includes: ['127.0.0.1/32'] },
      udp_port: await freeUdpPort(),
      tcp_port: await freeTcpPort(),
      // Otherwise clients are told to ask public STUN servers.
      stun_servers: ['127.0.0.1:3478'],
    },
    // Only the service makes rooms: with auto_create an old token would make an ended one again.
    room: { empty_timeout: 60, departure_timeout: 10, auto_create: false, ...room },
    // The default of 0.7 leaves calls without an agent when a small machine is busy.
    agents: { target_load: 0.99 },
    ...(eventsUrl === undefined ? {} : { webhook: { api_key: apiKey, urls: [eventsUrl] } }),
    ...(redis !== undefined && { redis: { address: redis } }),
    api: { enable_psrpc_for_get_list_participants: true },
  }
}

async function answers(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2000) })
  return answer.ok && (await answer.text()) === 'OK'
}
