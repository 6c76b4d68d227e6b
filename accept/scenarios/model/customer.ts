// The customers of a run: one with plenty of credits, one who runs out. Both want to be told of events.
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { createAgent } from '../../../src/repositories/agents.ts'
import { createApiKey } from '../../../src/repositories/api-keys.ts'
import { grantCredits } from '../../../src/repositories/credit-grants.ts'
import { createOrganization } from '../../../src/repositories/organizations.ts'
import type { Db } from '../../../src/repositories/schema.ts'

const maxSessions = 3
const purses = [
  { credits: 1000, rate: 7 },
  { credits: 19, rate: 5 },
]

async function createCustomer(db: Db, { credits, rate }: (typeof purses)[number]) {
  const { id } = await createOrganization(db, { name: 'Acme', max_sessions: maxSessions })
  await db.updateTable('organizations').set({ events_since: sql<Date>`now()` }).where('id', '=', id).execute()
  await grantCredits(db, { id: `opening-${id}`, organization_id: id, amount: credits })
  const user_id = `user_${rate}`
  const key = { organization_id: id, user_id, key_hash: randomBytes(32), prefix: 'tk_live_', expires_at: null }
  const { id: api_key_id } = await createApiKey(db, key)
  const agent = { organization_id: id, name: 'Agent', architecture: 'pipeline', credits_per_minute: rate }
  const created = await createAgent(db, agent)
  return {
    id,
    rate,
    maxSessions,
    /** Credits granted so far, by the model's own count. */
    granted: credits,
    caller: { api_key_id, organization_id: id, user_id },
    agent: created as NonNullable<typeof created>,
  }
}

export type Customer = Awaited<ReturnType<typeof createCustomer>>

export async function createCustomers(db: Db): Promise<Customer[]> {
  return [await createCustomer(db, purses[0] as never), await createCustomer(db, purses[1] as never)]
}
