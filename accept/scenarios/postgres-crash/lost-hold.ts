// PostgreSQL crashes while LiveKit makes a room. The hold, which does not wait for the disk, is not on the disk yet, and is
// lost with all that it did. Nobody was answered 200, the same key makes a new session, and the room closes by itself.
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { until } from '../../../test/until.ts'
import { must } from '../../check.ts'
import { create, createUntilAnswered, type Tally, untilMet } from '../../client.ts'
import { createTestCustomer, mustHaveAllCredits, roomsOf, sessionsOf } from '../../customer-state.ts'
import { startProxied } from '../../proxied.ts'
import type { Stack } from '../../stack.ts'

/** Longer than LiveKit keeps a room that no caller joins. */
const emptyWithinMilliseconds = 90_000

/**
 * To be called while nobody else writes. What it returns waits until the room has closed. From now on PostgreSQL
 * writes what nobody waits for only every 10 s, so that later crashes lose more.
 */
export async function loseHold(stack: Stack, tally: Tally): Promise<() => Promise<unknown>> {
  await sql`ALTER SYSTEM SET wal_writer_delay = '10 s'`.execute(stack.db)
  await sql`SELECT pg_reload_conf()`.execute(stack.db)
  const customer = await createTestCustomer(stack)
  const victim = await startProxied(stack)
  const { postgres } = stack
  // PostgreSQL's WAL writer has just written, and does not wake up for the hold.
  await stack.db.transaction().execute(async (db) => {
    await sql`SET LOCAL synchronous_commit = off`.execute(db)
    await sql`UPDATE organizations SET name = name`.execute(db)
  })
  const isMet = victim.proxies.livekit.when('CreateRoom', { before: () => postgres.kill('SIGQUIT') })
  const options = { idempotencyKey: randomUUID(), tally }
  const { status } = await untilMet(isMet, () => create(victim.url, customer, options))
  must(status === 503, `${status} was answered when the hold was lost`)
  await postgres.exited
  await stack.restartPostgres()

  must((await sessionsOf(stack, customer)).length === 0, 'the hold was not lost')
  await mustHaveAllCredits(stack, customer)
  const [orphan] = await roomsOf(stack, customer)
  must(orphan !== undefined, 'LiveKit had not made the room')
  const repeated = await createUntilAnswered([victim.replica], customer, { ...options, maxMilliseconds: 10_000 })
  must(repeated.status === 200, `the same key was answered ${repeated.status}`)
  must(repeated.json.room_name !== orphan.name, 'the room of the lost hold was given out')
  const isGone = async () => (await stack.rooms.listRooms([orphan.name])).length === 0
  return () => until(isGone, emptyWithinMilliseconds, 'the room of the lost hold is still there')
}
