// Whether an organization's events are recorded: while it has an endpoint, or asked for it.
import { sql } from 'kysely'
import { lockOrganization } from './credit-grants.ts'
import { inTransaction } from './repeats.ts'
import type { Db } from './schema.ts'
import { execute } from './statement.ts'

/**
 * Runs `change`, which adds or takes away a reason to record the organization's events, and then begins or ends the recording. One
 * transaction, in which the organization is locked first: each settlement comes before or after the change as a whole.
 */
export async function changeRecording<T>(
  db: Db,
  organizationId: string,
  change: (transaction: Db) => Promise<T>,
): Promise<T> {
  return inTransaction(db, async (transaction) => {
    await lockOrganization(transaction, organizationId)
    const result = await change(transaction)
    await followReasons(transaction, organizationId)
    return result
  })
}

async function followReasons(db: Db, organizationId: string): Promise<void> {
  const update = sql`
    UPDATE organizations o SET events_since = CASE
      WHEN records_events OR EXISTS (SELECT FROM webhook_endpoints w WHERE w.organization_id = o.id)
      THEN COALESCE(events_since, clock_timestamp()) END
    WHERE id = ${organizationId}`
  await execute(db, 'followReasons', update)
}
