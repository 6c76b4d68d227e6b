// More backends and services than the stack has, each with a trouble of its own, and what the service knows of a session.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { freeTcpPort } from '../demo/ports.ts'
import type { RunningProcess } from '../demo/processes.ts'
import { startService } from '../demo/service.ts'
import { startWeb, type WebOptions } from '../demo/web.ts'
import { connection } from './connection.ts'

const { directory, livekit, seed } = connection
const HOST = '127.0.0.1'

export const supportAgent = { agent_id: seed.agents.pipeline, name: seed.agentName }

const logFile = (name: string) => join(directory, `${name}-${randomUUID().slice(0, 8)}.log`)

export interface Part {
  url: string
  process: RunningProcess
}

/** A backend with its page, by default like the stack's own. */
export async function backend(t: Test, changes: Partial<WebOptions> = {}): Promise<Part> {
  const port = await freeTcpPort()
  const url = `http://${HOST}:${port}`
  const process = await startWeb({
    host: HOST,
    port,
    url,
    apiUrl: connection.url,
    apiKey: seed.apiKey,
    agents: [supportAgent],
    logFile: logFile('backend'),
    ...changes,
  })
  t.teardown(() => process.stop())
  return { url, process }
}

/** A service on the stack's database and LiveKit, with these variables changed; PORT for one that comes back. */
export async function service(t: Test, changes: Record<string, string> = {}): Promise<Part> {
  const port = Number(changes.PORT ?? (await freeTcpPort()))
  const url = `http://${HOST}:${port}`
  const environment = {
    HOST,
    PORT: String(port),
    METRICS_PORT: '0',
    DATABASE_URL: connection.databaseUrl,
    LIVEKIT_URL: livekit.url,
    LIVEKIT_API_KEY: livekit.apiKey,
    LIVEKIT_API_SECRET: livekit.apiSecret,
    ...changes,
  }
  const process = await startService(url, environment, logFile('service'))
  t.teardown(() => process.stop())
  return { url, process }
}

/** The service itself is asked, not the page's backend. */
export async function ask(path: string, { method = 'GET', apiKey = seed.apiKey } = {}) {
  const response = await fetch(new URL(path, connection.url), { method, headers: { 'X-API-Key': apiKey } })
  return { status: response.status, body: await response.json() }
}

export const sessionOf = async (roomName: string) => (await ask(`/v1/chat/voice-sessions/${roomName}`)).body

/** Room name of the newest session. */
export async function newestRoom(): Promise<string> {
  return (await ask('/v1/chat/voice-sessions?limit=1')).body.sessions[0].room_name
}

/** Waits until the probe resolves with something, for at most so long; a generous bound, not a measurement. */
export async function until<T>(probe: () => Promise<T | undefined | false>, milliseconds = 60_000): Promise<T> {
  for (const deadline = Date.now() + milliseconds; ; await sleep(100)) {
    const value = await probe()
    if (value) return value
    if (Date.now() > deadline) throw new Error(`not within ${milliseconds} ms: ${probe}`)
  }
}
