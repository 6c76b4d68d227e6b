// The facts: who was in which room from when to when, one row per LiveKit participant sid, from webhooks and lists, in any
// order, any number of times.
import { sql } from 'kysely'
import type { Db } from './schema.ts'

export interface Fact {
  sid: string
  room_name: string
  kind: 'caller' | 'agent'
  identity: string
  joined_at: Date
  left_at: Date | null
  /** When a list named them; null where an event spoke. */
  seen_at: Date | null
}

/**
 * Writes a fact down. A caller is only who has the session's user id for identity; anybody else is ignored, as is a room
 * unknown here. Seconds from the session's beginning to the join where this sid is new, otherwise undefined.
 */
export async function recordFact(db: Db, fact: Fact): Promise<number | undefined> {
  const { rows } = await sql<{ seconds: number; is_new: boolean }>`
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
      SELECT created_at FROM voice_sessions v WHERE v.room_name = p.room_name))::float AS seconds`.execute(db)
  return rows[0]?.is_new ? rows[0].seconds : undefined
}

/**
 * After a list that named somebody: whoever it does not name left when last seen. An event that comes later corrects this
 * guess.
 */
export async function recordGone(db: Db, roomName: string, lookedAt: Date, listedSids: string[]): Promise<void> {
  await sql`
    UPDATE participants SET left_at = GREATEST(joined_at, seen_at)
    WHERE room_name = ${roomName} AND left_at IS NULL AND seen_at < ${lookedAt}::timestamptz - interval '5 s'
      AND sid <> ALL (${listedSids}::text[])`.execute(db)
}

/** Whether a caller was ever known in the room, and whether one has not left yet. */
export async function findCallers(db: Db, roomName: string): Promise<{ known: boolean; present: boolean }> {
  const { rows } = await sql<{ known: boolean; present: boolean }>`
    SELECT count(*) > 0 AS known, COALESCE(bool_or(left_at IS NULL), false) AS present
    FROM participants WHERE room_name = ${roomName} AND kind = 'caller'`.execute(db)
  return rows[0] as { known: boolean; present: boolean }
}
