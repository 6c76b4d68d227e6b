// Where a session is in the list, which is sorted by the time of creation and the room name, newest first.
import { sql } from 'kysely'
import type { Db } from './schema.ts'
import { executeFirst } from './statement.ts'

export interface Place {
  room_name: string
  /** Microseconds since 1970: PostgreSQL's time, which a Date would cut off. */
  created_at_us: number
}

export const createdAtMicroseconds = sql<number>`(EXTRACT(EPOCH FROM created_at) * 1000000)::bigint`

/** Comes later in the list than the place, whether a session is there or not. */
export const isAfter = ({ room_name, created_at_us }: Place) =>
  sql<boolean>`(created_at, room_name) < (timestamptz 'epoch' + ${created_at_us} * interval '1 microsecond', ${room_name})`

/** The place of the organization's session of that room name; undefined where it has none. */
export async function findPlace(db: Db, roomName: string, organizationId: string): Promise<Place | undefined> {
  const select = db
    .selectFrom('voice_sessions')
    .select(['room_name', createdAtMicroseconds.as('created_at_us')])
    .where('organization_id', '=', organizationId)
    .where('room_name', '=', roomName)
  return executeFirst(db, 'findPlace', select)
}
