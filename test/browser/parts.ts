// Services and backend proxies that a test starts for itself, to change their settings or to stop them, and what the stack's
// own service answers about a session.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Test } from 'tap'
import { createApp, type ProxyOptions } from '../../examples/backend-proxy/app.ts'
import { connection } from './connection.ts'

const { livekit, seed } = connection
const HOST = '127.0.0.1'

/** For whatever needs an agent or a browser: both start slowly on a busy machine. */
export const SLOW_MS = 120_000

export const supportAgent = { agent_id: seed.agents.pipeline, name: seed.agentName }

/** A server in the test's own process: starting a process for each would take most of the tests' time. */
export interface Part {
  url: string
  stop(): Promise<unknown>
}

type Owner = Pick<Test, 'teardown'>

/** Starts a backend proxy that serves the page; without changes it is set like the stack's own. */
export async function backend(
  t: Owner,
  changes: Partial<ProxyOptions> & { page?: 'web' | 'react'; trustProxy?: boolean } = {},
): Promise<Part> {
  const { page = 'web', trustProxy = false, agents = [supportAgent], ...options } = changes
  const app = createApp({
    apiUrl: connection.url,
    apiKey: seed.apiKey,
    agentId: agents[0]?.agent_id as string,
    agents,
    pageDirectory: join(import.meta.dirname, '..', '..', 'examples', page, 'dist'),
    ...options,
  }).set('trust proxy', trustProxy)
  const server = app.listen(0, HOST)
  await once(server, 'listening')
  const stop = async () => {
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  t.teardown(stop)
  return { url: `http://${HOST}:${(server.address() as AddressInfo).port}`, stop }
}

/** Starts a backend proxy like the stack's own whose calls get no agent: each agent would be a process that nobody needs. */
export async function backendWithoutAgents(t: Owner): Promise<Part> {
  const { url: apiUrl } = await service(t, { LIVEKIT_AGENT_NAME: 'nobody' })
  const salesAgent = { agent_id: seed.agents.realtime, name: seed.realtimeAgentName }
  return backend(t, { apiUrl, agents: [supportAgent, salesAgent] })
}

/** The variables of a service on the stack's database and LiveKit, with these changes. */
export function environment(changes: Record<string, string> = {}): Record<string, string> {
  return {
    HOST,
    METRICS_PORT: '0',
    LOG_LEVEL: 'silent',
    AGENT_JOIN_SECONDS: String(connection.agentJoinSeconds),
    DATABASE_URL: connection.databaseUrl,
    LIVEKIT_URL: livekit.url,
    LIVEKIT_API_KEY: livekit.apiKey,
    LIVEKIT_API_SECRET: livekit.apiSecret,
    ...changes,
  }
}

/** Starts a service with these variables changed. With PORT it takes the place of one that was stopped. */
export async function service(t: Owner, changes: Record<string, string> = {}): Promise<Part> {
  const [{ buildApp }, { loadConfig }] = await Promise.all([import('../../src/app.ts'), import('../../src/config.ts')])
  const app = await buildApp(loadConfig(environment(changes)))
  const stop = async () => {
    const closed = app.close()
    app.server.closeAllConnections()
    await closed
  }
  t.teardown(stop)
  return { url: await app.listen({ host: HOST, port: Number(changes.PORT ?? 0) }), stop }
}

/** A request to the stack's service itself, past the backend proxy. */
export async function ask(path: string, { method = 'GET', apiKey = seed.apiKey } = {}) {
  const response = await fetch(new URL(path, connection.url), { method, headers: { 'X-API-Key': apiKey } })
  return { status: response.status, body: await response.json() }
}

export const sessionOf = async (roomName: string) => (await ask(`/v1/chat/voice-sessions/${roomName}`)).body

/** The room name of the newest session. */
export async function newestRoom(): Promise<string> {
  return (await ask('/v1/chat/voice-sessions?limit=1')).body.sessions[0].room_name
}
