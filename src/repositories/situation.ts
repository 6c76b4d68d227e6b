// What the facts say about a session: all that is decided from.
import { sql } from 'kysely'
import type { Situation } from '../next-step.ts'
import { unseenSeconds } from '../timings.ts'
import { livekitEventsArrive } from './livekit-event-arrival.ts'
import { inDatabaseTime } from './livekit-time.ts'
import type { Db } from './schema.ts'
import { execute, executeFirst, seconds, time } from './statement.ts'

/** All that `nextStep` decides from, read in one snapshot. */
export async function findSituation(db: Db, roomName: string): Promise<Situation | undefined> {
  const select = sql<Situation>`
    SELECT ${time(sql`now()`)} AS now, ${time('v.created_at')} AS created_at, v.rate, v.held,
           v.max_call_minutes, o.credits,
           talk_seconds(v.room_name, now(), ${seconds(unseenSeconds)}) AS talk_seconds,
           ${time('facts.caller_since')} AS caller_since, facts.agent_present,
           ${time('facts.agent_left_at')} AS agent_left_at, facts.has_facts, facts.caller_known,
           ${time(sql`CASE WHEN v.waiting_since IS NOT NULL THEN GREATEST(v.waiting_since, facts.caller_left_at) END`)} AS waiting_since,
           ${livekitEventsArrive} AS livekit_events_arrive
    FROM voice_sessions v JOIN organizations o ON o.id = v.organization_id, LATERAL (
      SELECT count(*) > 0 AS has_facts, count(*) FILTER (WHERE kind = 'caller') > 0 AS caller_known,
             min(joined_at) FILTER (WHERE kind = 'caller' AND left_at IS NULL) AS caller_since,
             max(gone_at) FILTER (WHERE kind = 'caller') AS caller_left_at,
             COALESCE(bool_or(kind = 'agent' AND left_at IS NULL), false) AS agent_present,
             max(gone_at) FILTER (WHERE kind = 'agent') AS agent_left_at
      FROM (
        SELECT kind, joined_at, left_at,
               gone_at(joined_at, left_at, broke_at, max(joined_at) OVER (PARTITION BY kind)) AS gone_at
        FROM participants WHERE room_name = v.room_name
      ) AS p
    ) AS facts
    WHERE v.room_name = ${roomName} AND v.status = 'active'`
  return executeFirst(db, 'findSituation', select)
}

/**
 * What a look saw of those who are connected while no caller is present: since when the first of them has been, in LiveKit's
 * time, counted from the first look that saw one; or, with null, that a caller is present.
 */
export async function recordWaiting(db: Db, roomName: string, connectedAt: Date | null): Promise<void> {
  const update = sql`
    UPDATE voice_sessions
    SET waiting_since = ${inDatabaseTime(connectedAt)}
    WHERE room_name = ${roomName} AND charged IS NULL`
  await execute(db, 'recordWaiting', update)
}
