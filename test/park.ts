// Sessions that the reaper leaves alone, as after a look at a call that goes well. No look is put off for longer: a session
// whose time is further away is looked at at once.
import { sql } from 'kysely'
import type { Test } from 'tap'
import type { Db } from '../src/repositories/schema.ts'
import { calmLookSeconds } from '../src/timings.ts'

export const inAMinute = sql`now() + ${calmLookSeconds} * interval '1 s'`

/** All sessions, for a minute from now. */
export const park = (db: Db) => sql`UPDATE voice_sessions SET wake_at = ${inAMinute}`.execute(db)

/** All sessions, until the test is over. */
export async function keepParked(t: Test, db: Db): Promise<void> {
  await park(db)
  const timer = setInterval(() => park(db).catch(() => {}), (calmLookSeconds / 3) * 1000)
  t.teardown(() => clearInterval(timer))
}
