// Events as their organization reads them, newest first.
import { sql } from 'kysely'
import type { Db } from './schema.ts'
import { createdAtMicroseconds, momentAt } from './session-place.ts'
import { execute } from './statement.ts'

/** Where an event is in the list. */
export interface EventPlace {
  id: string
  /** Microseconds since 1970. */
  created_at_us: number
}

export interface ShownEvent extends EventPlace {
  /** JSON, as it is sent. */
  body: string
}

export interface EventPage {
  type?: string | undefined
  /** Inclusive. */
  created_after?: Date | undefined
  limit: number
  /** Where the page before ended. */
  after?: EventPlace | undefined
}

/** The organization's events, newest first. */
export async function listEvents(db: Db, organizationId: string, page: EventPage): Promise<ShownEvent[]> {
  const { type, created_after, limit, after } = page
  // What PostgreSQL cannot take no event has.
  if (type?.includes('\0')) return []
  let select = db
    .selectFrom('events')
    .select(['id', 'body', createdAtMicroseconds.as('created_at_us')])
    .where('organization_id', '=', organizationId)
    .orderBy('events.created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
  if (type !== undefined) select = select.where('type', '=', type)
  if (created_after) select = select.where(sql<boolean>`created_at >= ${created_after}`)
  if (after) select = select.where(sql<boolean>`(created_at, id) < (${momentAt(after.created_at_us)}, ${after.id})`)
  return execute(db, 'listEvents', select)
}
