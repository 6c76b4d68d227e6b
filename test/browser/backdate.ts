// Changes the times of a session in the database, so that no test has to wait for an hour to pass, or to be quick.
import { sql } from 'kysely'
import { createDatabase } from '../../src/repositories/database.ts'
import { until } from '../until.ts'
import { connection } from './connection.ts'
import { SLOW_MS } from './parts.ts'

export interface Presence {
  kind: 'caller' | 'agent'
  has_left: boolean
}

/**
 * Moves everything that the service has stored about a session into the past, and lets the service look at the session now.
 * @param isKnown given who was in the room as far as the service knows; the session is made older once this is true
 */
export async function backdate(roomName: string, seconds: number, isKnown = (_: Presence[]) => true): Promise<void> {
  const db = createDatabase(connection.databaseUrl, { max: 1 })
  const earlier = sql`make_interval(secs => ${seconds})`
  await until(async () => {
    const { rows } = await sql<Presence>`
      SELECT kind, left_at IS NOT NULL AS has_left FROM participants WHERE room_name = ${roomName}`.execute(db)
    return isKnown(rows)
  }, SLOW_MS)
  // In one statement: whatever comes meanwhile would move a join to the session's creation.
  await sql`
    WITH people AS (
      UPDATE participants SET connected_at = connected_at - ${earlier}, told_at = told_at - ${earlier},
        shown_at = shown_at - ${earlier}, joined_at = joined_at - ${earlier}, left_at = left_at - ${earlier},
        broke_at = broke_at - ${earlier}, seen_at = CASE WHEN left_at IS NULL THEN seen_at ELSE seen_at - ${earlier} END
      WHERE room_name = ${roomName}
    )
    UPDATE voice_sessions SET created_at = created_at - ${earlier}, wake_at = now() WHERE room_name = ${roomName}`.execute(
    db,
  )
  await db.destroy()
}

/**
 * Leaves a session that is being created to its request for 80 s more, in which a busy machine starts a service. The service
 * takes a time further away than 90 s for one of before the clock was set back.
 */
export async function lease(roomName: string): Promise<void> {
  const db = createDatabase(connection.databaseUrl, { max: 1 })
  await sql`UPDATE voice_sessions SET wake_at = now() + interval '80 s' WHERE room_name = ${roomName}`.execute(db)
  await db.destroy()
}
