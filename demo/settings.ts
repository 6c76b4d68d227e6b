// What the environment says about where things run.
import { type Config, loadConfig } from '../src/config.ts'
import { UsageError } from './options.ts'
import { freeTcpPort } from './ports.ts'

export interface GivenLivekit {
  /** What callers connect to. */
  url: string
  /** What the worker connects to. */
  apiUrl: string
  apiKey: string
  apiSecret: string
}

export interface Settings {
  databaseUrl: string | undefined
  livekit: GivenLivekit | undefined
  agentName: string
  host: string
  port: number
  /** Where the service can be reached from this machine. */
  url: string
  /** Null where the service has no Swagger UI. */
  docsUrl: string | null
  metricsPort: number
  metricsUrl: string | null
  webPort: number
  /** The page to call with, on the service's host. */
  webUrl: string
}

/** Reads process.env, and chooses free ports in the place of taken ones, which it says. */
export async function readSettings(say: (line: string) => void): Promise<Settings> {
  const config = readConfig()
  const livekit = givenLivekit(config)
  const wantedWebPort = readWebPort()
  const { HOST: host, METRICS_HOST: metricsHost } = config

  async function free(hostName: 'HOST' | 'METRICS_HOST', name: string, wanted: number): Promise<number> {
    const port = await freeTcpPort(wanted, config[hostName]).catch((error: Error) => {
      throw new UsageError(`${hostName} and ${name} cannot be listened on: ${error.message}`)
    })
    if (wanted !== 0 && port !== wanted) say(`port ${wanted} (${name}) is taken on ${config[hostName]}: using ${port}`)
    return port
  }

  const port = await free('HOST', 'PORT', config.PORT)
  const metricsPort = config.METRICS_PORT === 0 ? 0 : await free('METRICS_HOST', 'METRICS_PORT', config.METRICS_PORT)
  const webPort = await free('HOST', 'WEB_PORT', wantedWebPort)
  const url = localUrl(host, port)
  return {
    databaseUrl: isSet('DATABASE_URL') ? config.DATABASE_URL : undefined,
    livekit,
    agentName: config.LIVEKIT_AGENT_NAME,
    host,
    port,
    url,
    docsUrl: config.SERVE_DOCS ? `${url}/docs` : null,
    metricsPort,
    metricsUrl: metricsPort === 0 ? null : `${localUrl(metricsHost, metricsPort)}/metrics`,
    webPort,
    webUrl: localUrl(host, webPort),
  }
}

const isSet = (name: string) => Boolean(process.env[name]?.trim())

/** What the service must be given, and is given by the demo where nobody else does. */
const own = {
  DATABASE_URL: 'postgres://own',
  LIVEKIT_URL: 'ws://own',
  LIVEKIT_API_KEY: 'own',
  LIVEKIT_API_SECRET: 'own',
}

/** The service's variables, checked as the service does: what is wrong with one is said at once, in the same sentence. */
function readConfig(): Config {
  const absent = Object.entries(own).filter(([name]) => !isSet(name))
  try {
    return loadConfig({ ...process.env, ...Object.fromEntries(absent) })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function givenLivekit(config: Config): GivenLivekit | undefined {
  const required = ['LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET']
  if (![...required, 'LIVEKIT_API_URL'].some(isSet)) return undefined
  if (!required.every(isSet)) {
    throw new UsageError(
      'set all of LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET, or none for a LiveKit of its own',
    )
  }
  const { LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret } = config
  return { url, apiUrl: config.LIVEKIT_API_URL ?? url, apiKey, apiSecret }
}

function readWebPort(): number {
  const value = process.env.WEB_PORT?.trim() || '8080'
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value)
  throw new UsageError('WEB_PORT must be a whole number from 0 to 65535')
}

/** A service that listens on every address is reached on the loopback one. */
function localUrl(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}
