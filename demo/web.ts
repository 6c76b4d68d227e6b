// Starts examples/backend-proxy with the page of examples/web, the same programs that users copy.
import { join } from 'node:path'
import { type RunningProcess, startProcess, tailOf } from './processes.ts'
import { becomesReady } from './readiness.ts'

const EXAMPLES = join(import.meta.dirname, '..', 'examples')

export interface BackendProxyOptions {
  host: string
  port: number
  /** Where the page can be reached from this machine. */
  url: string
  apiUrl: string
  apiKey: string
  /** Of the endpoint at which it is told of calls that have ended. */
  webhookSecret: string
  /** Who can be picked on the page; the first is called when a request names nobody. */
  agents: { agent_id: string; name: string }[]
  logFile: string
}

/** Bundles the page of an example, once for however many backend proxies serve it. */
export async function buildPage(page: 'web' | 'react', logFile: string): Promise<void> {
  const build = await startProcess({
    name: 'build',
    command: process.execPath,
    args: ['build.js'],
    cwd: join(EXAMPLES, page),
    logFile,
  })
  const end = await build.exited
  if (end !== 'exit code 0') throw new Error(`the page of examples/${page} cannot be built. ${tailOf(logFile)}`)
}

/** Starts it and answers once it serves the page. */
export async function startBackendProxy(options: BackendProxyOptions): Promise<RunningProcess> {
  const { host, port, url, apiUrl, apiKey, webhookSecret, agents, logFile } = options
  const proxy = await startProcess({
    name: 'backend proxy',
    command: process.execPath,
    args: ['--import', 'tsx', 'server.ts'],
    cwd: join(EXAMPLES, 'backend-proxy'),
    env: {
      ...process.env,
      HOST: host,
      PORT: String(port),
      TALKIFAI_API_URL: apiUrl,
      TALKIFAI_API_KEY: apiKey,
      TALKIFAI_WEBHOOK_SECRET: webhookSecret,
      TALKIFAI_AGENT_ID: agents[0]?.agent_id,
      TALKIFAI_AGENTS: JSON.stringify(agents),
      PAGE_DIRECTORY: join(EXAMPLES, 'web', 'dist'),
    },
    logFile,
  })
  const isReady = async () => (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok
  if (await becomesReady(proxy, isReady)) return proxy
  await proxy.stop()
  throw new Error(`the backend proxy does not start. ${tailOf(logFile)}`)
}
