// PostgreSQL crashes while LiveKit makes a room, before anybody has written the hold, which does not wait for the disk: it is
// lost with all that it did. Nobody was answered 200, the same key begins anew, and the room closes by itself.
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { must, until } from '../../check.ts'
import { create, createUntilAnswered, type Tally, untilSprung } from '../../client.ts'
import { startProxied } from '../../proxied.ts'
import type { Stack } from '../../stack.ts'
import { statements } from '../../statements.ts'
import { createTestCustomer, mustBeFree, roomsOf, sessionsOf } from '../crash-points/die-creating.ts'

/** Longer than LiveKit keeps a room that no caller joins. */
const emptyWithinMilliseconds = 90_000

/**
 * To be called while nobody else writes. What it returns waits until the room has closed. PostgreSQL goes on writing what
 * nobody waits for only every 10 s, so that later crashes lose more.
 */
export async function loseHold(stack: Stack, tally: Tally): Promise<() => Promise<unknown>> {
  await sql`ALTER SYSTEM SET wal_writer_delay = '10 s'`.execute(stack.db)
  await sql`SELECT pg_reload_conf()`.execute(stack.db)
  const customer = await createTestCustomer(stack)
  const victim = await startProxied(stack)
  const { postgres } = stack
  // Whoever writes the log in the background has just done so, and does not wake up for the hold.
  await stack.db.transaction().execute(async (db) => {
    await sql`SET LOCAL synchronous_commit = off`.execute(db)
    await sql`UPDATE organizations SET name = name`.execute(db)
  })
  const spring = () => {
    postgres.kill('SIGQUIT')
    return 'passes' as const
  }
  const { pattern } = statements.createRoom
  const hasSprung = victim.proxies.livekit.set({ pattern, at: 'question', spring })
  const options = { idempotencyKey: randomUUID(), tally }
  const { status } = await untilSprung(hasSprung, () => create(victim.url, customer, options))
  must(status === 503, `${status} was answered when the hold was lost`)
  await postgres.exited
  await stack.restartPostgres()

  must((await sessionsOf(stack, customer)).length === 0, 'the hold was not lost')
  await mustBeFree(stack, customer)
  const [orphan] = await roomsOf(stack, customer)
  must(orphan !== undefined, 'LiveKit had not made the room')
  const repeated = await createUntilAnswered([victim.replica], customer, { ...options, maxMilliseconds: 10_000 })
  must(repeated.status === 200, `the same key was answered ${repeated.status}`)
  must(repeated.json.room_name !== orphan.name, 'the room of the lost hold was given out')
  const isGone = async () => (await stack.rooms.listRooms([orphan.name])).length === 0
  return () => until(isGone, emptyWithinMilliseconds, 'the room of the lost hold is still there')
}
