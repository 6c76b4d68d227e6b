// Customers in the columns that every version of the database has: it may be an older commit's.
import { sql } from 'kysely'
import type { Customer } from '../accept/customer.ts'
import { apiKeyPrefixLength, generateApiKey, hashApiKey } from '../src/api-key.ts'
import type { Db } from '../src/repositories/schema.ts'

const credits = 1_000_000_000
const userId = 'user123'

/** An organization with credits for every bench, one key and one agent. */
async function createPlainCustomer(db: Db): Promise<Customer> {
  const key = generateApiKey()
  const { rows } = await sql<{ organization_id: string; agent_id: string }>`
    WITH o AS (
      INSERT INTO organizations (name, credits, max_sessions) VALUES ('Acme', ${credits}, 10000000) RETURNING id
    ),
    grants AS (INSERT INTO credit_grants (id, organization_id, amount) SELECT 'opening-' || id, id, ${credits} FROM o),
    keys AS (
      INSERT INTO api_keys (key_hash, prefix, organization_id, user_id)
      SELECT ${hashApiKey(key)}, ${key.slice(0, apiKeyPrefixLength)}, id, ${userId} FROM o
    )
    INSERT INTO agents (organization_id, name, architecture, credits_per_minute)
    SELECT id, 'Support Agent', 'pipeline', 10 FROM o RETURNING organization_id, id AS agent_id`.execute(db)
  const { organization_id: organizationId = '', agent_id: agentId = '' } = rows[0] ?? {}
  return { organizationId, key, userId, agentId }
}

export async function createPlainCustomers(db: Db, count: number): Promise<Customer[]> {
  const customers: Customer[] = []
  while (customers.length < count) customers.push(await createPlainCustomer(db))
  return customers
}
