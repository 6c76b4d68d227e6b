// What the environment says about where things run.
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
  metricsPort: number
  metricsUrl: string | null
  webPort: number
  /** The page to call with, on the service's host. */
  webUrl: string
}

/** Reads process.env, and chooses free ports in the place of taken ones, which it says. */
export async function readSettings(say: (line: string) => void): Promise<Settings> {
  const environment = process.env
  const livekit = givenLivekit()
  const host = environment.HOST || '127.0.0.1'
  const port = await portFor('PORT', 3000, host, say)
  const metricsHost = environment.METRICS_HOST || '127.0.0.1'
  const hasMetrics = wantedPort('METRICS_PORT', 9090) !== 0
  const metricsPort = hasMetrics ? await portFor('METRICS_PORT', 9090, metricsHost, say) : 0
  const webPort = await portFor('WEB_PORT', 8080, host, say)
  return {
    databaseUrl: environment.DATABASE_URL || undefined,
    livekit,
    agentName: environment.LIVEKIT_AGENT_NAME || 'voice-agent',
    host,
    port,
    url: localUrl(host, port),
    metricsPort,
    metricsUrl: metricsPort === 0 ? null : `${localUrl(metricsHost, metricsPort)}/metrics`,
    webPort,
    webUrl: localUrl(host, webPort),
  }
}

function givenLivekit(): GivenLivekit | undefined {
  const { LIVEKIT_URL, LIVEKIT_API_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET } = process.env
  if (!LIVEKIT_URL && !LIVEKIT_API_URL && !LIVEKIT_API_KEY && !LIVEKIT_API_SECRET) return undefined
  if (!LIVEKIT_URL || !LIVEKIT_API_KEY || !LIVEKIT_API_SECRET) {
    throw new UsageError(
      'set all of LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET, or none for a LiveKit of its own',
    )
  }
  const apiUrl = LIVEKIT_API_URL || LIVEKIT_URL
  return { url: LIVEKIT_URL, apiUrl, apiKey: LIVEKIT_API_KEY, apiSecret: LIVEKIT_API_SECRET }
}

function wantedPort(variable: string, standard: number): number {
  const value = process.env[variable] || String(standard)
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535) throw new UsageError(`${variable} must be a port number`)
  return Number(value)
}

async function portFor(variable: string, standard: number, host: string, say: (line: string) => void): Promise<number> {
  const wanted = wantedPort(variable, standard)
  const port = await freeTcpPort(wanted, host)
  if (wanted !== 0 && port !== wanted) say(`port ${wanted} (${variable}) is taken on ${host}: using ${port}`)
  return port
}

/** A service that listens on every address is reached on the loopback one. */
function localUrl(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}
