// The money of a session that has begun: more credits are held while it goes on, and it is settled once when it ends. Each is one
// conditional statement that locks the organization first, then the session, and writes the events of it. No transaction is open while
// LiveKit is asked.
import { sql } from 'kysely'
import type { EndReason } from '../lifecycle.ts'
import { unseenSeconds } from '../timings.ts'
import { recordedWhereLow } from './events.ts'
import { inDatabaseTime } from './livekit-time.ts'
import type { Db } from './schema.ts'
import { execute, executeFirst, seconds } from './statement.ts'

/** Holds so many credits more for an active session and sets its next look; false where either was not to be had. */
export async function extend(
  db: Db,
  session: { room_name: string; organization_id: string; attempt: number },
  credits: number,
  wakeAt: Date,
): Promise<boolean> {
  const update = sql`
    WITH org AS MATERIALIZED (
      SELECT id FROM organizations WHERE id = ${session.organization_id} AND credits >= ${credits}::bigint
      FOR NO KEY UPDATE
    ),
    s AS (
      UPDATE voice_sessions v SET held = v.held + ${credits}::bigint, wake_at = ${wakeAt}, lost_since = NULL
      FROM org WHERE v.room_name = ${session.room_name} AND v.organization_id = org.id
        AND v.status = 'active' AND v.attempt = ${session.attempt} AND v.end_reason IS NULL
      RETURNING v.organization_id
    )
    UPDATE organizations o SET credits = o.credits - ${credits}::bigint
    FROM s WHERE o.id = s.organization_id RETURNING ${recordedWhereLow}`
  return (await execute(db, 'extend', update)).length === 1
}

export interface Settlement {
  /** Why, unless a verdict stands already. */
  end_reason: EndReason
  /** Until when they were there who were not seen to leave: LiveKit's time, the database's now, or unknown: until last seen. */
  until: Date | 'now' | 'unknown'
  /** Only while the session is still creating and belongs to this attempt. */
  attempt?: number
  /** Only where the session's room is this one: an earlier room of the same name must not end it. */
  room_sid?: string
}

export interface Settled {
  organization_id: string
  /** The X-Request-Id of the create; null in older sessions. */
  request_id: string | null
  end_reason: EndReason
  held: number
  charged: number
  seconds_billed: number
}

/**
 * Ends the session, once, whoever comes first: charges the started minutes talked, at most what was held, and returns the rest.
 * Undefined where there was none to be ended. It waits for facts that are being written; none comes after it.
 */
export async function settle(db: Db, roomName: string, settlement: Settlement): Promise<Settled | undefined> {
  const { until, end_reason, attempt = null, room_sid = null } = settlement
  const end = until instanceof Date ? inDatabaseTime(until) : sql.raw(until === 'now' ? 'now()' : 'NULL::timestamptz')
  return executeFirst(
    db,
    'settle',
    sql<Settled>`
    WITH org AS MATERIALIZED (
      SELECT o.id FROM organizations o JOIN voice_sessions v ON v.organization_id = o.id
      WHERE v.room_name = ${roomName} AND v.charged IS NULL FOR NO KEY UPDATE OF o
    ),
    open AS MATERIALIZED (
      SELECT v.room_name, COALESCE(v.ended_at, ${end}) AS until FROM voice_sessions v JOIN org ON id = organization_id
      WHERE v.room_name = ${roomName} AND v.charged IS NULL FOR UPDATE OF v
    ),
    s AS (
      UPDATE voice_sessions v SET status = 'ended', settled_at = now(),
             ended_at = COALESCE(v.ended_at, GREATEST(v.created_at, COALESCE(call_ended_at(${roomName}, open.until), now()))),
             end_reason = COALESCE(v.end_reason, ${end_reason}), seconds_billed = CEIL(t.seconds),
             charged = LEAST(v.held, v.rate * CEIL(t.seconds / 60))
      FROM open, talk_seconds(${roomName}, open.until, ${seconds(unseenSeconds)}) AS t(seconds)
      WHERE v.room_name = open.room_name
        AND (${attempt}::int IS NULL OR (v.status = 'creating' AND v.attempt = ${attempt}))
        AND (${room_sid}::text IS NULL OR v.room_sid = ${room_sid})
      RETURNING v.organization_id, v.request_id, v.end_reason, v.held, v.charged, v.seconds_billed
    )
    UPDATE organizations o SET credits = o.credits + s.held - s.charged, open_sessions = o.open_sessions - 1
    FROM s WHERE o.id = s.organization_id
    RETURNING s.*, CASE WHEN o.events_since IS NOT NULL THEN record_ended(${roomName}) END AS is_recorded`,
  )
}
