// A database of years: what an operator has after a million calls.
import { sql } from 'kysely'
import { type Customer, createCustomer } from '../accept/customer.ts'
import type { Db } from '../src/repositories/schema.ts'

export const crowd = { organizations: 10_000, keys: 100_000, agents: 100_000, sessions: 1_000_000 }

/** Customers that requests are made for. */
export async function createCustomers(db: Db, count: number, credits = 1_000_000_000): Promise<Customer[]> {
  const customers: Customer[] = []
  while (customers.length < count) customers.push(await createCustomer(db, { credits, maxSessions: 10_000_000 }))
  return customers
}

/** Adds so many of each; the sessions are spread over all organizations, and have ended at no charge. */
export async function fill(db: Db, { organizations, keys, agents, sessions }: typeof crowd): Promise<void> {
  await sql`
    INSERT INTO organizations (name) SELECT 'Organization ' || i FROM generate_series(1, ${organizations}::int) i`.execute(
    db,
  )
  await sql`
    WITH o AS (SELECT id, row_number() OVER () AS n FROM organizations)
    INSERT INTO api_keys (key_hash, prefix, organization_id, user_id)
    SELECT sha256(i::text::bytea), 'tk_live_0000', o.id, 'user' || i
    FROM generate_series(1, ${keys}::int) i JOIN o ON o.n = 1 + i % (SELECT count(*) FROM o)`.execute(db)
  await sql`
    WITH o AS (SELECT id, row_number() OVER () AS n FROM organizations)
    INSERT INTO agents (organization_id, name, architecture, credits_per_minute)
    SELECT o.id, 'Agent ' || i, 'pipeline', 10
    FROM generate_series(1, ${agents}::int) i JOIN o ON o.n = 1 + i % (SELECT count(*) FROM o)`.execute(db)
  await sql`
    WITH k AS (
      SELECT DISTINCT ON (k.organization_id) k.organization_id, k.id AS api_key_id, k.user_id, a.id AS agent_id
      FROM api_keys k JOIN agents a ON a.organization_id = k.organization_id
    ), n AS (SELECT *, row_number() OVER () AS n FROM k)
    INSERT INTO voice_sessions (room_name, organization_id, api_key_id, user_id, agent_id, agent_name, status, wake_at, rate,
                                held, seconds_billed, charged, created_at, ended_at, end_reason)
    SELECT 'agent_' || agent_id || '_' || user_id || '_' || (1700000000000 + i), organization_id, api_key_id, user_id,
           agent_id, 'Support Agent', 'ended', now(), 10, 10, 0, 0, now() - i * interval '1 s', now() - i * interval '1 s',
           'caller_left'
    FROM generate_series(1, ${sessions}::int) i JOIN n ON n.n = 1 + i % (SELECT count(*) FROM n)`.execute(db)
  await sql`
    INSERT INTO participants (sid, room_name, kind, identity, joined_at, left_at, seen_at)
    SELECT 'PA_' || kind || room_name, room_name, kind, user_id, created_at, created_at, created_at
    FROM voice_sessions, unnest(ARRAY['caller', 'agent']) AS kind`.execute(db)
  await sql`VACUUM ANALYZE`.execute(db)
}
