// LiveKit's clock is not the database's: a session knows by how much the two are apart.
import { type RawBuilder, sql } from 'kysely'

/** A time that LiveKit told, by the database's clock and never in the future. In a statement on `voice_sessions`. */
export const inDatabaseTime = (told: Date | null): RawBuilder<unknown> => sql`
  CASE WHEN ${told}::timestamptz IS NOT NULL THEN LEAST(${told}::timestamptz - clock_offset_ms * interval '1 ms', now()) END`
