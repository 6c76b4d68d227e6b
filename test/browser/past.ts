// Time that passes for the service without anybody waiting for it.
import { sql } from 'kysely'
import { createDatabase } from '../../src/repositories/database.ts'
import { connection } from './connection.ts'
import { until } from './parts.ts'

export interface Presence {
  kind: 'caller' | 'agent'
  has_left: boolean
}

/**
 * Makes all that is known of a session so many seconds older, and lets the service look at it now.
 * @param isKnown whether what is waited for has come to the service's knowledge
 */
export async function backdate(roomName: string, seconds: number, isKnown = (_: Presence[]) => true): Promise<void> {
  const db = createDatabase(connection.databaseUrl, { max: 1 })
  const earlier = sql`make_interval(secs => ${seconds})`
  await until(async () => {
    const { rows } = await sql<Presence>`
      SELECT kind, left_at IS NOT NULL AS has_left FROM participants WHERE room_name = ${roomName}`.execute(db)
    return isKnown(rows)
  })
  await sql`UPDATE participants SET joined_at = joined_at - ${earlier}, left_at = left_at - ${earlier}
    WHERE room_name = ${roomName}`.execute(db)
  await sql`UPDATE voice_sessions SET created_at = created_at - ${earlier}, wake_at = now()
    WHERE room_name = ${roomName}`.execute(db)
  await db.destroy()
}
