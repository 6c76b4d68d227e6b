// What the sweep and the gauges read: sessions of all organizations.
import { sql } from 'kysely'
import { farWakeSeconds, pastWakeSeconds } from '../timings.ts'
import type { Db } from './schema.ts'
import { execute, executeOne, seconds } from './statement.ts'

/** Room names of all active sessions. */
export async function listActiveRoomNames(db: Db): Promise<string[]> {
  const select = db.selectFrom('voice_sessions').select('room_name').where('charged', 'is', null)
  const rows = await execute(db, 'listActiveRoomNames', select.where('status', '=', 'active'))
  return rows.map((row) => row.room_name)
}

/** Of these rooms, those that a session here is named after, and whether it has ended. */
export async function findRooms(db: Db, roomNames: string[]): Promise<{ room_name: string; has_ended: boolean }[]> {
  const select = sql<{ room_name: string; has_ended: boolean }>`
    SELECT room_name, charged IS NOT NULL AS has_ended FROM voice_sessions
    WHERE room_name = ANY (${roomNames}::text[])`
  return execute(db, 'findRooms', select)
}

/**
 * Open sessions that nobody has looked at for a minute after their time had come, or whose time is further away than any look
 * is put off: none, while a reaper runs.
 */
export async function countPastWake(db: Db): Promise<number> {
  const select = db
    .selectFrom('voice_sessions')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('charged', 'is', null)
    .where(
      sql<boolean>`(wake_at < now() - ${seconds(pastWakeSeconds)} OR wake_at > now() + ${seconds(farWakeSeconds)})`,
    )
  return (await executeOne(db, 'countPastWake', select)).count
}
