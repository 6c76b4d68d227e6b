// A repeated Idempotency-Key: the session that it belongs to is found, taken over where its request is gone, or forgotten.
import { sql } from 'kysely'
import * as timings from '../timings.ts'
import type { AgentDefaults, SessionAgent } from './agents.ts'
import type { Db } from './schema.ts'
import { execute, executeFirst, seconds, time } from './statement.ts'

/** A session that was charged is answered again to its Idempotency-Key for this time after its end: never a second bill. */
const replaySeconds = 24 * 60 * 60

/** What is asked for with a key; the fingerprint is the SHA-256 of all of it. */
interface Asked {
  agent_id: string
  fingerprint: Buffer
}

/** A creating session belongs to its request. A time far in the future is one from before PostgreSQL's clock was set back. */
const leased = sql<boolean>`(wake_at > now() AND wake_at <= now() + ${seconds(timings.farWakeSeconds)})`

/**
 * The session that an Idempotency-Key belongs to, and whether it was for the same request. Where no fingerprint is kept only the
 * agent tells: in sessions of before 0005-context.
 */
export async function findByIdempotencyKey(db: Db, organizationId: string, userId: string, key: string, asked: Asked) {
  const select = db
    .selectFrom('voice_sessions')
    .select(['room_name', 'organization_id', 'user_id', 'agent_id', 'agent_name'])
    .select(
      sql<boolean>`COALESCE(fingerprint = ${asked.fingerprint}::bytea, agent_id = ${asked.agent_id}::uuid)`.as(
        'is_same',
      ),
    )
    .select(['status', 'attempt', 'end_reason', time('created_at').as('created_at')])
    .select(leased.as('is_leased'))
    .select(
      sql<boolean>`COALESCE(charged > 0 AND ended_at > now() - ${seconds(replaySeconds)}, false)`.as(
        'is_lately_charged',
      ),
    )
    .where('organization_id', '=', organizationId)
    .where('user_id', '=', userId)
    .where('idempotency_key', '=', key)
  return executeFirst(db, 'findByIdempotencyKey', select)
}

/** A session that was taken over, with all that its worker is told. */
interface TakenOver extends SessionAgent {
  attempt: number
  metadata: Record<string, string> | null
  user_identifier: string | null
  request_id: string | null
}

/**
 * Takes over a creating session whose lease has run out; undefined where another was faster. What it has of its agent stays; a
 * session of before 0005-context gets it now. Only the agent's configuration is what it is by now: no session keeps that.
 */
export async function takeOver(
  db: Db,
  roomName: string,
  attempt: number,
  defaults: AgentDefaults,
): Promise<TakenOver | undefined> {
  const update = sql<TakenOver>`
    UPDATE voice_sessions v SET attempt = attempt + 1, wake_at = now() + ${seconds(timings.leaseSeconds)},
      agent_version = COALESCE(v.agent_version, a.version),
      worker_name = COALESCE(v.worker_name, a.worker_name, ${defaults.worker_name}),
      max_call_minutes = COALESCE(v.max_call_minutes, LEAST(a.max_call_minutes, ${defaults.max_call_minutes}::int))
    FROM agents a
    WHERE room_name = ${roomName} AND status = 'creating' AND attempt = ${attempt} AND NOT ${leased}
      AND end_reason IS NULL AND a.id = v.agent_id
    RETURNING attempt, agent_version, v.worker_name, v.max_call_minutes, metadata, user_identifier, request_id, config`
  return executeFirst(db, 'takeOver', update)
}

/** Lets an ended session's Idempotency-Key begin anew. */
export async function freeIdempotencyKey(db: Db, roomName: string): Promise<void> {
  const update = sql`
    UPDATE voice_sessions SET idempotency_key = NULL WHERE room_name = ${roomName} AND charged IS NOT NULL`
  await execute(db, 'freeIdempotencyKey', update)
}
