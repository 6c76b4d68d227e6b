// PostgreSQL's clock and LiveKit's differ, by less and by more than LiveKit's events may be late, in both directions: calls are
// billed as if they did not.
import { sql } from 'kysely'
import { must } from '../../check.ts'
import type { ShiftedClock } from './shifted-clock.ts'
import { hangUp, mustBill, secondsAfter, secondsSince, talk, type World } from './world.ts'

/** A call of so many seconds while PostgreSQL's clock is so many seconds ahead. */
async function callAt(world: World, clock: ShiftedClock, ahead: number, seconds: number) {
  clock.set(ahead)
  const { rows } = await sql<{ now: Date }>`SELECT now() AS now`.execute(world.stack.db)
  const shown = -secondsSince(rows[0]?.now.getTime() ?? 0)
  must(Math.abs(shown - ahead) < 5, `PostgreSQL's clock is ${shown} s ahead, and not ${ahead}`)
  const call = await talk(world)
  await secondsAfter(call.since, seconds)
  const { talked, more } = await hangUp(call)
  const { seconds_billed } = await mustBill(world, call, { talked, more, end_reason: 'caller_left' })
  return { ahead_s: ahead, talked_s: Math.round(talked), billed_s: seconds_billed }
}

/** One after the other: all have the same PostgreSQL. From behind to ahead, so that its clock is never set back. */
export async function callsByOtherClocks(world: World, clock: ShiftedClock, offsets: number[], seconds: number) {
  const calls = []
  for (const ahead of offsets) calls.push(await callAt(world, clock, ahead, seconds))
  return calls
}
