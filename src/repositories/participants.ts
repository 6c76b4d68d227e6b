// The facts: who was in which room from when to when. There is one row for each LiveKit participant sid. Facts come from
// LiveKit's events and from looks, in any order, any number of times; the same facts always make the same rows.
import { sql } from 'kysely'
import { connectionLossSeconds, unlistedSeconds } from '../timings.ts'
import type { Db } from './schema.ts'
import { execute, executeFirst, executeOne, seconds } from './statement.ts'

/** Somebody in a room, as LiveKit tells. */
export interface Participant {
  sid: string
  identity: string
  /** `agent`: a worker that LiveKit dispatched. `guest`: a caller, if the identity is a caller's. */
  kind: 'agent' | 'guest' | 'other'
  /** The worker of an agent, as it registered; null where LiveKit does not say it. */
  worker_name: string | null
  /** When the connection to LiveKit was made, LiveKit's clock, milliseconds; null where an event does not say it. */
  connected_at: Date | null
  /** True where media is up, or something is published: only then is somebody present. */
  is_present: boolean
}

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

/** By how much LiveKit's clock is ahead of the database's, as the session `v` knows it. */
const livekitAhead = sql.raw(`v.clock_offset_ms * interval '1 ms'`)

/**
 * Writes a fact about an open session down. A caller is only who has the session's user id for identity, an agent only whom
 * the dispatched worker plays. Anybody else is ignored, as are a room that no session is named after, a session that has been
 * settled, and whoever came after the verdict.
 *
 * Presence begins with the earliest event that proves it. Where no event tells, it begins with the connection, unless a look
 * has seen a caller connected and not present: then with the first look that sees one present.
 *
 * Returns the seconds from the session's creation to the join where this sid is new, otherwise undefined.
 */
export async function recordFact(db: Db, fact: Fact): Promise<number | undefined> {
  const { sid, room_name, kind, identity, worker_name = null, connected_at = null, told_at = null } = fact
  const { left_at = null, connection_lost = false, seen_at = null, only_known = false } = fact
  const own = (time: Date | null) => sql`GREATEST(LEAST(${time}::timestamptz - ${livekitAhead}, now()), v.created_at)`
  const inDatabaseTime = (time: Date | null) => sql`CASE WHEN ${time}::timestamptz IS NOT NULL THEN ${own(time)} END`
  const broke_at = connection_lost ? sql`left_at - ${seconds(connectionLossSeconds)}` : sql`NULL::timestamptz`
  const row = await executeFirst(
    db,
    'recordFact',
    sql<{ seconds: number; is_new: boolean }>`
    WITH fact AS (
      SELECT v.room_name, v.ended_at, v.waiting_since, ${seen_at}::timestamptz AS seen_at,
             ${inDatabaseTime(connected_at)} AS connected_at, ${inDatabaseTime(told_at)} AS told_at,
             ${inDatabaseTime(left_at)} AS left_at
      FROM voice_sessions v
      WHERE v.room_name = ${room_name} AND v.charged IS NULL
        AND CASE ${kind} WHEN 'caller' THEN v.user_id = ${identity}
            ELSE COALESCE(v.worker_name = ${worker_name}, v.worker_name IS NULL) END
        AND (NOT ${only_known} OR EXISTS (SELECT 1 FROM participants WHERE sid = ${sid}))
    ),
    begun AS (
      SELECT *, COALESCE(GREATEST(connected_at, told_at,
        CASE WHEN told_at IS NULL AND waiting_since IS NOT NULL THEN seen_at END), left_at, seen_at) AS joined_at
      FROM fact
    )
    INSERT INTO participants AS p (sid, room_name, kind, identity, connected_at, told_at, joined_at, left_at, broke_at, seen_at)
    SELECT ${sid}, room_name, ${kind}, ${identity}, connected_at, told_at, joined_at, left_at, ${broke_at},
           COALESCE(seen_at, left_at, joined_at)
    FROM begun WHERE ended_at IS NULL OR joined_at < ended_at
    ON CONFLICT (sid) DO UPDATE SET
      connected_at = COALESCE(p.connected_at, excluded.connected_at),
      told_at = LEAST(p.told_at, excluded.told_at),
      joined_at = CASE
        WHEN p.connected_at IS NULL AND p.told_at IS NULL THEN LEAST(p.joined_at, excluded.joined_at)
        WHEN p.told_at IS NULL AND excluded.told_at IS NULL THEN p.joined_at
        ELSE GREATEST(p.connected_at, excluded.connected_at, LEAST(p.told_at, excluded.told_at)) END,
      left_at = COALESCE(excluded.left_at, p.left_at),
      broke_at = CASE WHEN excluded.left_at IS NULL THEN p.broke_at ELSE excluded.broke_at END,
      seen_at = GREATEST(p.seen_at, excluded.seen_at)
    RETURNING xmax = 0 AS is_new, EXTRACT(EPOCH FROM joined_at - (
      SELECT created_at FROM voice_sessions v WHERE v.room_name = p.room_name)) AS seconds`,
  )
  return row?.is_new ? row.seconds : undefined
}

/**
 * After a look at that time, of the database's clock or LiveKit's: whoever is not among the listed sids left when last seen.
 * This is a guess; an event that comes later corrects it. Who was seen in the future was so before PostgreSQL's clock was set
 * back.
 */
export async function recordGone(
  db: Db,
  roomName: string,
  { at, clock }: { at: Date; clock: 'database' | 'livekit' },
  listedSids: string[],
): Promise<void> {
  await execute(
    db,
    'recordGone',
    sql`
    UPDATE participants p SET left_at = GREATEST(joined_at, seen_at)
    FROM voice_sessions v
    WHERE v.room_name = ${roomName} AND v.charged IS NULL AND p.room_name = v.room_name AND left_at IS NULL
      AND sid <> ALL (${listedSids}::text[])
      AND (seen_at < ${at}::timestamptz - ${clock === 'livekit' ? livekitAhead : seconds(0)} - ${seconds(unlistedSeconds)}
           OR seen_at > now())`,
  )
}

export interface Callers {
  /** Whether a caller was ever in the room. */
  known: boolean
  /** Whether one of them has not left. */
  present: boolean
}

export async function findCallers(db: Db, roomName: string): Promise<Callers> {
  return executeOne(
    db,
    'findCallers',
    sql<Callers>`
    SELECT count(*) > 0 AS known, COALESCE(bool_or(left_at IS NULL), false) AS present
    FROM participants WHERE room_name = ${roomName} AND kind = 'caller'`,
  )
}
