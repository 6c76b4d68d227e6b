// The service as the tests meet it: the real one, on a port of its own, with the real parts behind it and an organization of
// its own. Nothing of ours is replaced.
import type { AddressInfo } from 'node:net'
import { sql } from 'kysely'
import type { Test } from 'tap'
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
import { read } from './answer.ts'
import { cloneDatabase, deleteRooms, environment, parts, roomsOf, through, until } from './parts.ts'

export * from './answer.ts'
export * from './parts.ts'

type Body = NonNullable<RequestInit['body']> | null

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
    openingCredits: credits,
    userId,
    pipelineAgent: await agent('pipeline'),
    realtimeAgent: await agent('realtime'),
    textAgent: await agent('text'),
  }
}

/**
 * The service, listening, with a seeded organization. It is closed after the test, and the books must balance then. Where it
 * `avoidsOverload`, requests wait while it would refuse them because this process, or the machine, is busy.
 */
export async function build(t: Test, changes: Record<string, string> = {}, seed = {}, { avoidsOverload = false } = {}) {
  const config: Config = loadConfig(await environment(changes))
  const db = createDatabase(await cloneDatabase())
  const organization = await seedOrganization(db, seed)
  const app = await buildApp(config)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`

  // A busy machine may take longer to make the first connection than a request waits for one.
  if (avoidsOverload) await until(() => app.repositories.findCredits(organization.id).catch(() => undefined))

  t.teardown(async () => {
    await app.close()
    const differences = await findDifferences(db)
    await deleteRooms((await listSessions(db, organization.id, { limit: 1000 })).map(({ room_name }) => room_name))
    await db.destroy()
    if (differences.length > 0) throw new Error(`the books do not balance: ${JSON.stringify(differences)}`)
  })

  const request = async (path: string, init: RequestInit = {}) => {
    if (avoidsOverload) await until(async () => !app.isUnderPressure())
    return read(await fetch(new URL(path, url), init))
  }
  const post = (body: Body, headers: Record<string, string> = {}, key = organization.key) =>
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
    /** The header with the organization's key. */
    authorized: { 'x-api-key': organization.key },
    /** A GET with a key, by default the organization's. */
    get: (path: string, key = organization.key) => request(path, { headers: { 'x-api-key': key } }),
    /** createVoiceSession with these exact bytes as body and the organization's key. */
    post,
    /** createVoiceSession for an agent, by default the organization's pipeline agent. */
    create: (agentId: string = organization.pipelineAgent, headers: Record<string, string> = {}, key?: string) =>
      post(JSON.stringify({ agent_id: agentId }), headers, key),
    sessions: () => listSessions(db, organization.id, { limit: 1000 }),
    credits: async () => (await findOrganization(db, organization.id))?.credits,
  }
}

export type Service = Awaited<ReturnType<typeof build>>

/** Executes statements, separated by semicolons, one by one: each is prepared, like the service's own. */
export async function run(db: Db, statements: string): Promise<void> {
  for (const statement of statements.split('; ')) await sql.raw(statement).execute(db)
}

/** Facts, as LiveKit's events write them: caller and agent have been in the room since the session began. */
export async function talked(db: Db, roomName: string): Promise<void> {
  await sql`
    INSERT INTO participants (sid, room_name, kind, identity, joined_at, seen_at)
    SELECT 'PA_' || kind || room_name, room_name, kind, user_id, created_at, created_at
    FROM voice_sessions, unnest(ARRAY['caller', 'agent']) AS kind WHERE room_name = ${roomName}`.execute(db)
}

/** The refused request left no session, no room and all credits. */
export async function leftNothing(t: Test, service: Pick<Service, 'organization' | 'sessions' | 'credits'>) {
  const { pipelineAgent, realtimeAgent, textAgent, openingCredits } = service.organization
  t.same(await service.sessions(), [], 'no session')
  t.equal(await service.credits(), openingCredits, 'all credits')
  const left = await Promise.all([pipelineAgent, realtimeAgent, textAgent].map(roomsOf))
  t.same(left.flat(), [], 'no room')
}

/** The service with proxies in front of its database and of LiveKit's API; it avoids overload. */
export async function buildBehindProxies(t: Test, changes: Record<string, string> = {}, seed = {}) {
  const { proxy: database, url } = await through(t, await cloneDatabase())
  const { proxy: livekit, url: apiUrl } = await through(t, parts.livekitUrl)
  const environment = { DATABASE_URL: url, LIVEKIT_API_URL: apiUrl, ...changes }
  const service = await build(t, environment, seed, { avoidsOverload: true })
  return { ...service, database, livekit }
}

export type Proxied = Awaited<ReturnType<typeof buildBehindProxies>>
