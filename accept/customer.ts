// A customer: who pays, whose key it is, and what can be called.
import { apiKeyPrefixLength, generateApiKey, hashApiKey } from '../src/api-key.ts'
import { createAgent } from '../src/repositories/agents.ts'
import { createApiKey } from '../src/repositories/api-keys.ts'
import { grantCredits } from '../src/repositories/credit-grants.ts'
import { createOrganization } from '../src/repositories/organizations.ts'
import type { Db } from '../src/repositories/schema.ts'

export interface Customer {
  organizationId: string
  key: string
  userId: string
  agentId: string
}

/** An organization with these credits, one key, and one pipeline agent of this price. */
export async function createCustomer(
  db: Db,
  { credits = 1_000_000, rate = 10, maxSessions = 100_000, userId = 'user123' } = {},
): Promise<Customer> {
  const { id } = await createOrganization(db, { name: 'Acme', max_sessions: maxSessions })
  if (credits > 0) await grantCredits(db, { id: `opening-${id}`, organization_id: id, amount: credits })
  const key = generateApiKey()
  await createApiKey(db, {
    organization_id: id,
    user_id: userId,
    key_hash: hashApiKey(key),
    prefix: key.slice(0, apiKeyPrefixLength),
    expires_at: null,
  })
  const agent = await createAgent(db, {
    organization_id: id,
    name: 'Support Agent',
    architecture: 'pipeline',
    credits_per_minute: rate,
  })
  return { organizationId: id, key, userId, agentId: agent?.id as string }
}
