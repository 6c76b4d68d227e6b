// The facts: who was in which room from when to when. There is one row for each LiveKit participant sid. Facts come from
// LiveKit's events and from looks, in any order, any number of times; the same facts always make the same rows.
import { sql } from 'kysely'
import { connectionLossSeconds, unlistedSeconds } from '../timings.ts'
import { inDatabaseTime } from './livekit-time.ts'
import type { Db } from './schema.ts'
import { executeFirst, seconds } from './statement.ts'

/** That somebody is present, or has left. Times are LiveKit's, but `seen_at`, which is the database's. */
export interface Fact {
  sid: string
  room_name: string
  kind: 'caller' | 'agent'
  identity: string
  /** The worker that plays an agent. */
  worker_name?: string | null
  /** When the connection to LiveKit was made, where LiveKit says it. Whoever connects is not yet present. */
  connected_at?: Date | null
  /** When an event proved that they were present. */
  told_at?: Date | null
  /** When an event said that they left; and that it was a broken connection, which LiveKit noticed then. */
  left_at?: Date | null
  connection_lost?: boolean
  /** When a look saw them present. */
  seen_at?: Date
  /** True where the event does not prove that they ever were present: only somebody who is known can leave by it. */
  only_known?: boolean
}

/** What is known of a participant once a fact, `excluded`, is added to what was known, `p`. */
const connected = sql.raw('COALESCE(p.connected_at, excluded.connected_at)')
const told = sql.raw('LEAST(p.told_at, excluded.told_at)')
const shown = sql.raw('LEAST(p.shown_at, excluded.shown_at)')
const waited = sql.raw('CASE WHEN p.shown_at <= excluded.shown_at THEN p.has_waited ELSE excluded.has_waited END')
const left = sql.raw('COALESCE(excluded.left_at, p.left_at)')
const isBack = sql`GREATEST(p.seen_at, excluded.seen_at) > ${left} + ${seconds(unlistedSeconds)}`

/**
 * Writes a fact about an open session down. A caller is only who has the session's user id for identity, an agent only whom
 * the dispatched worker plays. Anybody else is ignored, as are a room that no session is named after, a session that has been
 * settled, and whoever came after the verdict.
 *
 * Since when they are present `present_since` says, in 0003-presence.ts. Whoever a look sees after they left has not left. With the
 * fact that the second of caller and agent is there, the event of that is written.
 *
 * Returns the seconds from the session's creation to the join where this sid is new, otherwise undefined.
 */
export async function recordFact(db: Db, fact: Fact): Promise<number | undefined> {
  const { sid, room_name, kind, identity, worker_name = null, connected_at = null, told_at = null } = fact
  const { left_at = null, connection_lost = false, seen_at = null, only_known = false } = fact
  const own = (told: Date | null) => sql`
    CASE WHEN ${told}::timestamptz IS NOT NULL THEN GREATEST(${inDatabaseTime(told)}, v.created_at) END`
  const broke_at = connection_lost ? sql`left_at - ${seconds(connectionLossSeconds)}` : sql`NULL::timestamptz`
  const row = await executeFirst(
    db,
    'recordFact',
    sql<{ seconds: number; is_new: boolean }>`
    WITH session AS MATERIALIZED (
      SELECT v.*, o.events_since IS NOT NULL AS records_events
      FROM voice_sessions v JOIN organizations o ON o.id = v.organization_id
      WHERE v.room_name = ${room_name} AND v.charged IS NULL
        AND CASE ${kind} WHEN 'caller' THEN v.user_id = ${identity}
            ELSE COALESCE(v.worker_name = ${worker_name}, v.worker_name IS NULL) END
        AND (NOT ${only_known} OR EXISTS (SELECT 1 FROM participants WHERE sid = ${sid}))
      FOR KEY SHARE OF v
    ),
    fact AS (
      SELECT v.room_name, v.ended_at, v.waiting_since IS NOT NULL AS has_waited, ${seen_at}::timestamptz AS shown_at,
             ${own(connected_at)} AS connected_at, ${own(told_at)} AS told_at,
             ${own(left_at)} AS left_at
      FROM session v
    ),
    begun AS (
      SELECT *, COALESCE(present_since(connected_at, told_at, shown_at, has_waited), left_at) AS joined_at FROM fact
    )
    INSERT INTO participants AS p (sid, room_name, kind, identity, connected_at, told_at, shown_at, has_waited, joined_at,
                                   left_at, broke_at, seen_at)
    SELECT ${sid}, room_name, ${kind}, ${identity}, connected_at, told_at, shown_at, has_waited, joined_at, left_at,
           ${broke_at}, COALESCE(shown_at, left_at, joined_at)
    FROM begun WHERE ended_at IS NULL OR joined_at < ended_at
    ON CONFLICT (sid) DO UPDATE SET
      connected_at = ${connected},
      told_at = ${told},
      shown_at = ${shown},
      has_waited = ${waited},
      joined_at = COALESCE(present_since(${connected}, ${told}, ${shown}, ${waited}),
                           LEAST(p.joined_at, excluded.joined_at)),
      left_at = CASE WHEN ${isBack} THEN NULL ELSE ${left} END,
      broke_at = CASE WHEN ${isBack} THEN NULL WHEN excluded.left_at IS NULL THEN p.broke_at ELSE excluded.broke_at END,
      seen_at = GREATEST(p.seen_at, excluded.seen_at)
    RETURNING xmax = 0 AS is_new, EXTRACT(EPOCH FROM joined_at - (
      SELECT created_at FROM voice_sessions v WHERE v.room_name = p.room_name)) AS seconds,
      CASE WHEN left_at IS NULL AND (SELECT records_events FROM session) THEN record_started(room_name) END AS is_recorded`,
  )
  return row?.is_new ? row.seconds : undefined
}
