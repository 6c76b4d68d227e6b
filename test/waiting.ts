// Statements that wait for each other.
import { cloneDatabase } from './helper.ts'
import { query } from './processes.ts'

/** Whether one statement waits for a lock. */
export async function oneWaits(): Promise<boolean> {
  const lock = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
  return (await query(lock, [], await cloneDatabase())).length === 1
}
