// What the tests stand on: a database of its own for each test file, the real service on a port of its own in front of the
// real livekit-server, and the organizations, keys and agents that the contract's rows speak of. `test/run.ts` starts the
// parts; nothing of ours is replaced.
import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { RoomServiceClient } from 'livekit-server-sdk'
import pg from 'pg'
import t, { type Test } from 'tap'
import { generateApiKey, hashApiKey } from '../src/api-key.ts'
import { buildApp } from '../src/app.ts'
import { type Config, loadConfig } from '../src/config.ts'
import { createAgent } from '../src/repositories/agents.ts'
import { createApiKey } from '../src/repositories/api-keys.ts'
import { findDifferences } from '../src/repositories/audit.ts'
import { grantCredits } from '../src/repositories/credit-grants.ts'
import { createDatabase } from '../src/repositories/database.ts'
import { createOrganization, findOrganization } from '../src/repositories/organizations.ts'
import type { Db } from '../src/repositories/schema.ts'
import { listSessions } from '../src/repositories/voice-sessions.ts'
import { type Proxy, startProxy } from './proxy.ts'

function required(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: run the tests with \`npm test\``)
  return value
}

/** The parts that test/run.ts started. */
export const parts = {
  /** A server with the database `template`, migrated. */
  databaseUrl: required('TEST_DATABASE_URL'),
  livekitUrl: required('TEST_LIVEKIT_URL'),
  livekitApiKey: required('TEST_LIVEKIT_API_KEY'),
  livekitApiSecret: required('TEST_LIVEKIT_API_SECRET'),
}

export const rooms = new RoomServiceClient(parts.livekitUrl, parts.livekitApiKey, parts.livekitApiSecret)

const databaseName = `test_${randomUUID().replaceAll('-', '')}`
let database: Promise<string> | undefined

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: parts.databaseUrl })
  await client.connect()
  await client.query(statement)
  await client.end()
}

/** The connection string of this file's database, cloned from the migrated template at the first call. */
export function cloneDatabase(): Promise<string> {
  database ??= administer(`CREATE DATABASE ${databaseName} TEMPLATE template`).then(() => {
    t.teardown(() => administer(`DROP DATABASE ${databaseName} WITH (FORCE)`))
    const url = new URL(parts.databaseUrl)
    url.pathname = databaseName
    return url.href
  })
  return database
}

/** A complete environment for the service; `changes` are set over it. */
export async function environment(changes: Record<string, string> = {}): Promise<Record<string, string>> {
  return {
    DATABASE_URL: await cloneDatabase(),
    LIVEKIT_URL: parts.livekitUrl,
    LIVEKIT_API_KEY: parts.livekitApiKey,
    LIVEKIT_API_SECRET: parts.livekitApiSecret,
    METRICS_PORT: '0',
    LOG_LEVEL: 'silent',
    ...changes,
  }
}

/** An organization with one key and one agent of each architecture. */
export async function seedOrganization(db: Db, { credits = 1000, userId = 'user123', maxSessions = 100 } = {}) {
  const { id } = await createOrganization(db, { name: 'Acme', max_sessions: maxSessions })
  if (credits > 0) await grantCredits(db, { id: `opening-${id}`, organization_id: id, amount: credits })
  const key = generateApiKey()
  const apiKey = await createApiKey(db, {
    organization_id: id,
    user_id: userId,
    key_hash: hashApiKey(key),
    prefix: key.slice(0, 12),
    expires_at: null,
  })
  const agent = async (architecture: string) => {
    const name = `Support Agent (${architecture})`
    const row = await createAgent(db, { organization_id: id, name, architecture, credits_per_minute: 10 })
    if (!row) throw new Error('the agent exists')
    return row.id
  }
  return {
    id,
    key,
    keyId: apiKey.id,
    userId,
    pipelineAgent: await agent('pipeline'),
    realtimeAgent: await agent('realtime'),
    textAgent: await agent('text'),
  }
}

export type Organization = Awaited<ReturnType<typeof seedOrganization>>

export interface Answer {
  status: number
  headers: Headers
  /** The exact bytes, as text. */
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: an answer is judged by what the test expects of it
  json: any
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') && text !== ''
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined }
}

/** The service, listening, with a seeded organization. It is closed after the test, and the books must balance then. */
export async function build(t: Test, changes: Record<string, string> = {}, seed = {}) {
  const config: Config = loadConfig(await environment(changes))
  const db = createDatabase(await cloneDatabase())
  const organization = await seedOrganization(db, seed)
  const app = await buildApp(config)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`

  t.teardown(async () => {
    await app.close()
    const differences = await findDifferences(db)
    await db.destroy()
    if (differences.length > 0) throw new Error(`the books do not balance: ${JSON.stringify(differences)}`)
  })

  const request = async (path: string, init: RequestInit = {}) => read(await fetch(new URL(path, url), init))
  const post = (body: BodyInit | null, headers: Record<string, string> = {}, key = organization.key) =>
    request('/v1/chat/voice-sessions', {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json', ...headers },
      body,
      ...(body instanceof ReadableStream && { duplex: 'half' }),
    } as RequestInit)

  return {
    app,
    db,
    port,
    url,
    organization,
    /** Any request; the answer with its exact bytes. */
    request,
    /** createVoiceSession with these exact bytes as body and the organization's key. */
    post,
    /** createVoiceSession for an agent, by default the organization's pipeline agent. */
    create: (agentId: string = organization.pipelineAgent, headers: Record<string, string> = {}, key?: string) =>
      post(JSON.stringify({ agent_id: agentId }), headers, key),
    sessions: () => listSessions(db, organization.id),
    credits: async () => (await findOrganization(db, organization.id))?.credits,
  }
}

export type Service = Awaited<ReturnType<typeof build>>

/** Names of the rooms that LiveKit has for an agent. */
export async function roomsOf(agentId: string): Promise<string[]> {
  const all = await rooms.listRooms()
  return all.map((room) => room.name).filter((name) => name.startsWith(`agent_${agentId}_`))
}

/** The refused request left no session, no room and all credits. */
export async function leftNothing(t: Test, service: Service): Promise<void> {
  t.same(await service.sessions(), [], 'no session')
  const { pipelineAgent, realtimeAgent, textAgent } = service.organization
  for (const agent of [pipelineAgent, realtimeAgent, textAgent]) t.same(await roomsOf(agent), [], 'no room')
}

/** A proxy in front of one of the parts, and the URL that leads through it. */
export async function through(t: Test, partUrl: string): Promise<{ proxy: Proxy; url: string }> {
  const url = new URL(partUrl)
  const proxy = await startProxy({ host: url.hostname, port: Number(url.port) })
  t.teardown(() => proxy.close())
  url.port = String(proxy.port)
  return { proxy, url: url.href }
}

/** Waits until the probe resolves with something, for at most so long; a generous bound, not a measurement. */
export async function until<T>(probe: () => Promise<T | undefined | false>, milliseconds = 15_000): Promise<T> {
  const deadline = Date.now() + milliseconds
  for (;;) {
    const value = await probe()
    if (value) return value
    if (Date.now() > deadline) throw new Error(`not within ${milliseconds} ms: ${probe}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
