// Who can call what in the demo. Repeatable: what an earlier start made is found again, by name.
import { readFileSync, writeFileSync } from 'node:fs'
import { sql } from 'kysely'
import { apiKeyPrefixLength, generateApiKey, hashApiKey } from '../src/api-key.ts'
import { createAgent, listAgents } from '../src/repositories/agents.ts'
import { createApiKey, revokeApiKey } from '../src/repositories/api-keys.ts'
import { grantCredits } from '../src/repositories/credit-grants.ts'
import { createOrganization, findOrganization, listOrganizations } from '../src/repositories/organizations.ts'
import type { Db } from '../src/repositories/schema.ts'

/** The agent of the API's documentation, so that its example request works here. */
const DOCUMENTED_AGENT_ID = '5b710eca-ee67-4c3a-aeb6-8b541f451b40'
const CREDITS = 1_000_000
const CREDITS_PER_MINUTE = 10
const MAX_SESSIONS = 10_000
const USER_ID = 'user123'
const NAME = 'voice-sessions demo'

export interface Seed {
  organizationId: string
  apiKey: string
  agentName: string
  realtimeAgentName: string
  agents: { pipeline: string; realtime: string; text: string; foreign: string }
  poorApiKey: string
  poorAgent: string
}

/** Whether others than the demo have organizations in the database, which may lack all tables. */
export async function isUsedByOthers(db: Db): Promise<boolean> {
  const { rows } = await sql`SELECT WHERE to_regclass('organizations') IS NOT NULL`.execute(db)
  return rows.length > 0 && (await listOrganizations(db)).some(({ name }) => !name.startsWith(NAME))
}

/** @param keyFile remembers the ids of the keys, of which only a hash is stored, to revoke them at the next start */
export async function seed(db: Db, keyFile: string): Promise<Seed> {
  const organizationId = await organization(db, NAME)
  const foreignId = await organization(db, `${NAME}: another organization`)
  const poorId = await organization(db, `${NAME}: without credits`)
  await topUp(db, organizationId)
  const agentName = 'Support Agent'
  const realtimeAgentName = 'Sales Agent'
  const agents = {
    pipeline: await agent(db, organizationId, agentName, 'pipeline', DOCUMENTED_AGENT_ID),
    realtime: await agent(db, organizationId, realtimeAgentName, 'realtime'),
    text: await agent(db, organizationId, 'Chat Agent', 'text'),
    foreign: await agent(db, foreignId, 'Foreign Agent', 'pipeline'),
  }
  const poorAgent = await agent(db, poorId, 'Poor Agent', 'pipeline')
  for (const id of readKeyIds(keyFile)) await revokeApiKey(db, id)
  const key = await apiKey(db, organizationId)
  const poorKey = await apiKey(db, poorId)
  writeFileSync(keyFile, JSON.stringify([key.id, poorKey.id]))
  const names = { agentName, realtimeAgentName }
  return { organizationId, apiKey: key.key, ...names, agents, poorApiKey: poorKey.key, poorAgent }
}

async function organization(db: Db, name: string): Promise<string> {
  const existing = (await listOrganizations(db)).find((row) => row.name === name)
  const { id } = existing ?? (await createOrganization(db, { name, max_sessions: MAX_SESSIONS }))
  return id
}

async function topUp(db: Db, organizationId: string): Promise<void> {
  const missing = CREDITS - ((await findOrganization(db, organizationId))?.credits ?? 0)
  if (missing <= 0) return
  await grantCredits(db, {
    id: `demo-${organizationId}-${Date.now()}`,
    organization_id: organizationId,
    amount: missing,
  })
}

async function agent(db: Db, organizationId: string, name: string, architecture: string, id?: string): Promise<string> {
  const existing = (await listAgents(db, organizationId))
    .filter((row) => row.deleted_at === null)
    .find((row) => (id === undefined ? row.name === name : row.id === id))
  if (existing !== undefined) return existing.id
  const created = await createAgent(db, {
    organization_id: organizationId,
    name,
    architecture,
    credits_per_minute: CREDITS_PER_MINUTE,
    ...(id && { id }),
  })
  if (created === undefined) throw new Error(`agent ${id} was deleted or belongs to somebody else in this database`)
  return created.id
}

async function apiKey(db: Db, organizationId: string): Promise<{ id: string; key: string }> {
  const key = generateApiKey()
  const { id } = await createApiKey(db, {
    organization_id: organizationId,
    user_id: USER_ID,
    key_hash: hashApiKey(key),
    prefix: key.slice(0, apiKeyPrefixLength),
    expires_at: null,
  })
  return { id, key }
}

function readKeyIds(keyFile: string): string[] {
  try {
    return JSON.parse(readFileSync(keyFile, 'utf8'))
  } catch {
    return []
  }
}
