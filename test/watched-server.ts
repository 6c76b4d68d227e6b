// A spawned server whose log the test reads.
import type { Test } from 'tap'
import { build, cloneDatabase, environment, parts, read, through } from './helper.ts'
import { startServer } from './processes.ts'

type Line = Record<string, unknown>

/** A spawned server whose every variable that can hold a secret holds one that can be searched for. */
export async function startWatched(t: Test, changes: Record<string, string> = {}) {
  const { organization } = await build(t)
  const { proxy, url: LIVEKIT_API_URL } = await through(t, parts.livekitUrl)
  const { proxy: database, url } = await through(t, await cloneDatabase())
  const DATABASE_URL = url.replace('postgres@', 'postgres:canary-password@')
  const server = await startServer(
    t,
    await environment({ LIVEKIT_API_URL, DATABASE_URL, LOG_LEVEL: 'info', ...changes }),
  )
  const lines = (): Line[] =>
    server
      .stdout()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  /** Those of requests; those of sessions have no status. */
  const requests = () => lines().filter(({ reqId, status }) => reqId !== undefined && status !== undefined)
  const create = async (key: string, body: string, suffix = '', headers = {}) => {
    const url = `${server.url}/v1/chat/voice-sessions${suffix}`
    const sent = { 'x-api-key': key, 'content-type': 'application/json', ...headers }
    return read(await fetch(url, { method: 'POST', headers: sent, body }))
  }
  /** What the process has written when it has ended. */
  const wholeLog = async () => {
    server.child.kill('SIGTERM')
    const { stdout, stderr } = await server.finished
    return stdout + stderr
  }
  const context = {
    metadata: { note: 'canary "text"\nof two lines', word: 'canary' },
    user_identifier: 'canary person',
  }
  const body = JSON.stringify({ agent_id: organization.pipelineAgent, ...context })
  return { server, organization, proxy, database, body, lines, requests, create, wholeLog }
}
