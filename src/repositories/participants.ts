// The facts: who was in which room from when to when. There is one row for each LiveKit participant sid. Facts come from
// LiveKit's events and from looks, in any order, any number of times.
import { sql } from 'kysely'
import { unlistedSeconds } from '../timings.ts'
import type { Db } from './schema.ts'
import { execute, executeFirst, executeOne, seconds } from './statement.ts'

export interface Fact {
  sid: string
  room_name: string
  kind: 'caller' | 'agent'
  identity: string
  joined_at: Date
  left_at: Date | null
  /** When a look saw them in a list; null where an event tells. */
  seen_at: Date | null
}

/**
 * Writes a fact down. A caller is only who has the session's user id for identity. Anybody else is ignored, as is a room
 * that no session is named after. Returns the seconds from the session's creation to the join where this sid is new,
 * otherwise undefined.
 */
export async function recordFact(db: Db, fact: Fact): Promise<number | undefined> {
  const row = await executeFirst(
    db,
    'recordFact',
    sql<{ seconds: number; is_new: boolean }>`
    INSERT INTO participants AS p (sid, room_name, kind, identity, joined_at, left_at, seen_at)
    SELECT ${fact.sid}, v.room_name, ${fact.kind}, ${fact.identity},
           GREATEST(LEAST(${fact.joined_at}::timestamptz, now()), v.created_at),
           CASE WHEN ${fact.left_at}::timestamptz IS NOT NULL
                THEN GREATEST(LEAST(${fact.left_at}::timestamptz, now()), v.created_at) END,
           COALESCE(${fact.seen_at}::timestamptz, ${fact.left_at}::timestamptz, ${fact.joined_at}::timestamptz)
    FROM voice_sessions v
    WHERE v.room_name = ${fact.room_name} AND (${fact.kind} = 'agent' OR v.user_id = ${fact.identity})
    ON CONFLICT (sid) DO UPDATE SET joined_at = LEAST(p.joined_at, excluded.joined_at),
      left_at = COALESCE(excluded.left_at, p.left_at), seen_at = GREATEST(p.seen_at, excluded.seen_at)
    RETURNING xmax = 0 AS is_new, EXTRACT(EPOCH FROM joined_at - (
      SELECT created_at FROM voice_sessions v WHERE v.room_name = p.room_name))::float AS seconds`,
  )
  return row?.is_new ? row.seconds : undefined
}

/**
 * After a look at `lookedAt` that found somebody: whoever is not among the listed sids left when last seen. This is a guess;
 * an event that comes later corrects it.
 */
export async function recordGone(db: Db, roomName: string, lookedAt: Date, listedSids: string[]): Promise<void> {
  await execute(
    db,
    'recordGone',
    sql`
    UPDATE participants SET left_at = GREATEST(joined_at, seen_at)
    WHERE room_name = ${roomName} AND left_at IS NULL AND sid <> ALL (${listedSids}::text[])
      AND seen_at < ${lookedAt}::timestamptz - ${seconds(unlistedSeconds)}`,
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
