// A session begins: credits of one minute are held for it, in one conditional statement that locks the organization first.
import { sql } from 'kysely'
import { leaseSeconds } from '../timings.ts'
import type { AgentDefaults, SessionAgent } from './agents.ts'
import { recordedWhereLow } from './events.ts'
import type { Db } from './schema.ts'
import { compiledOnce, seconds, time } from './statement.ts'

/** What a session is made of, beside what its agent says. */
interface NewSession {
  room_name: string
  organization_id: string
  api_key_id: string
  user_id: string
  agent_id: string
  idempotency_key: string | null
  /** SHA-256 of what was asked for with the key. */
  fingerprint: Buffer | null
  metadata: Record<string, string> | null
  user_identifier: string | null
  request_id: string
}

/** The session that was opened: when, and with what of its agent, whose price of one minute is held. */
interface Held extends SessionAgent {
  created_at: Date
  agent_name: string
  rate: number
}

/**
 * The session, or why it was not opened. `overtaken`: another request was first, with the key, with a name, or with the last
 * credits, and this statement did not see it yet; the next try will. `invalid_key`: the key was revoked or has expired, or its
 * organization was suspended, since it was looked up: the body may come seconds later.
 */
type Hold =
  | Held
  | {
      created_at: null
      refusal: 'invalid_key' | 'overtaken' | 'name_taken' | 'too_many_sessions' | 'insufficient_credits'
    }

/**
 * Takes one minute's credits from the organization and opens the session, or does neither and says why; where credits or
 * sessions are lacking, nothing is locked, except to write the event of that. The session keeps its agent as it is in this one statement: name, version, price,
 * worker and limit. The organization is locked before the insert, because an insert that conflicts after a debit would lose
 * the debit. Undefined where there is no such organization.
 *
 * It does not wait for the disk, so that the organization's row is free at once. `activate` waits, for both, before anybody
 * is answered. A crash of PostgreSQL before that loses the hold as a whole.
 */
export async function holdMinute(db: Db, session: NewSession, defaults: AgentDefaults): Promise<Hold | undefined> {
  const metadata = session.metadata && JSON.stringify(session.metadata)
  return (await holdStatement(db, { ...session, ...defaults, metadata }))[0]
}

const holdStatement = compiledOnce<Omit<NewSession, 'metadata'> & AgentDefaults & { metadata: string | null }, Hold>(
  'holdMinute',
  (session) => sql<Hold>`
    WITH agent AS MATERIALIZED (
      SELECT id, name, version, credits_per_minute, COALESCE(worker_name, ${session.worker_name}) AS worker_name,
             LEAST(max_call_minutes, ${session.max_call_minutes}::int) AS max_call_minutes, config
      FROM agents WHERE id = ${session.agent_id}
    ),
    key AS MATERIALIZED (
      SELECT FROM api_keys WHERE id = ${session.api_key_id}::uuid
        AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
    ),
    org AS MATERIALIZED (
      SELECT id FROM organizations
      WHERE id = ${session.organization_id} AND suspended_at IS NULL AND EXISTS (SELECT FROM key)
        AND credits >= (SELECT credits_per_minute FROM agent) AND open_sessions < max_sessions
      FOR NO KEY UPDATE
    ),
    s AS (
      INSERT INTO voice_sessions (room_name, organization_id, api_key_id, user_id, agent_id, agent_name, agent_version,
                                  idempotency_key, fingerprint, metadata, user_identifier, request_id,
                                  worker_name, max_call_minutes, rate, held, wake_at)
      SELECT ${session.room_name}, org.id, ${session.api_key_id}::uuid, ${session.user_id}, agent.id, name, version,
             ${session.idempotency_key}, ${session.fingerprint}::bytea, ${session.metadata}::jsonb,
             ${session.user_identifier}, ${session.request_id}::uuid,
             worker_name, max_call_minutes, credits_per_minute, credits_per_minute, now() + ${seconds(leaseSeconds)}
      FROM org, agent ON CONFLICT DO NOTHING
      RETURNING organization_id, agent_name, agent_version, worker_name, max_call_minutes, rate, held, created_at
    ),
    debit AS (
      UPDATE organizations o SET credits = o.credits - s.held, open_sessions = o.open_sessions + 1
      FROM s WHERE o.id = s.organization_id RETURNING ${recordedWhereLow}
    )
    SELECT answer.*, CASE WHEN refusal = 'insufficient_credits' AND records_events
      THEN record_depleted(${session.organization_id}::uuid, credits_per_minute) END AS is_recorded
    FROM (SELECT o.events_since IS NOT NULL AS records_events, credits_per_minute, ${time('s.created_at')} AS created_at,
           s.agent_name, s.rate, s.agent_version, s.worker_name, s.max_call_minutes, CASE WHEN s.created_at IS NOT NULL THEN config END AS config,
           set_config('synchronous_commit', 'off', true), CASE
      WHEN s.created_at IS NOT NULL THEN NULL
      WHEN suspended_at IS NOT NULL OR NOT EXISTS (SELECT FROM key) THEN 'invalid_key'
      WHEN EXISTS (SELECT 1 FROM voice_sessions WHERE organization_id = o.id AND user_id = ${session.user_id}
                   AND idempotency_key = ${session.idempotency_key}) THEN 'overtaken'
      WHEN EXISTS (SELECT 1 FROM voice_sessions WHERE room_name = ${session.room_name}) THEN 'name_taken'
      WHEN open_sessions >= max_sessions THEN 'too_many_sessions'
      WHEN credits < credits_per_minute THEN 'insufficient_credits'
      ELSE 'overtaken' END AS refusal
    FROM organizations o CROSS JOIN agent LEFT JOIN s ON true WHERE o.id = ${session.organization_id}) AS answer`,
)
