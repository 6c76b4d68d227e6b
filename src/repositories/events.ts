// Events: what an organization is told. The statements of the ledger write them, see 0007-events.ts.
import { sql } from 'kysely'

/** In the RETURNING of an UPDATE of organizations `o`: writes the event where the free credits are low now. */
export const recordedWhereLow = sql.raw(
  'CASE WHEN o.events_since IS NOT NULL AND o.credits < o.low_at THEN record_low(o.id) END',
)
