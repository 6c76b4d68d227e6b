// Who is in a room: how LiveKit tells it, who is gone, and whether a caller ever was there.
import { sql } from 'kysely'
import { unlistedSeconds } from '../timings.ts'
import { livekitEventsArrive } from './livekit-event-arrival.ts'
import { inDatabaseTime } from './livekit-time.ts'
import type { Db } from './schema.ts'
import { execute, executeOne, seconds } from './statement.ts'

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

/**
 * After a look at that time, of the database's clock or LiveKit's: whoever is not among the listed sids left when last seen, or
 * when they came anew, because LiveKit then removes who was there before. This is a guess; an event that comes later corrects
 * it. Who was seen in the future was so before PostgreSQL's clock was set back.
 */
export async function recordGone(
  db: Db,
  roomName: string,
  { at, clock }: { at: Date; clock: 'database' | 'livekit' },
  listedSids: string[],
): Promise<void> {
  const lookedAt = clock === 'livekit' ? inDatabaseTime(at) : sql`${at}::timestamptz`
  await execute(
    db,
    'recordGone',
    sql`
    WITH v AS MATERIALIZED (
      SELECT * FROM voice_sessions WHERE room_name = ${roomName} AND charged IS NULL FOR KEY SHARE
    )
    UPDATE participants p SET left_at = GREATEST(p.joined_at, p.seen_at, (
      SELECT min(COALESCE(later.connected_at, later.joined_at)) FROM participants later
      WHERE later.room_name = p.room_name AND later.identity = p.identity AND later.joined_at > p.joined_at))
    FROM v
    WHERE p.room_name = v.room_name AND p.left_at IS NULL AND sid <> ALL (${listedSids}::text[])
      AND (p.seen_at < ${lookedAt} - ${seconds(unlistedSeconds)} OR p.seen_at > now())`,
  )
}

export interface Callers {
  /** Whether a caller was ever in the room. */
  known: boolean
  /** Whether one of them has not left. */
  present: boolean
  /** Whether LiveKit tells who leaves; see `livekitEventsArrive`. */
  livekit_events_arrive: boolean
}

export async function findCallers(db: Db, roomName: string): Promise<Callers> {
  return executeOne(
    db,
    'findCallers',
    sql<Callers>`
    SELECT count(*) > 0 AS known, COALESCE(bool_or(left_at IS NULL), false) AS present,
           ${livekitEventsArrive} AS livekit_events_arrive
    FROM participants WHERE room_name = ${roomName} AND kind = 'caller'`,
  )
}
