// The highest price, and a call longer than 1,024 minutes: the product does not fit into any integer of PostgreSQL, and the call
// is settled all the same.
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { must } from '../../check.ts'
import { endOnce, talk, type World } from './world.ts'

/** Minutes for which both were there before, in the place of waiting. */
const longer = 1030

export async function dearMinutes(world: World) {
  const highest = Number.MAX_SAFE_INTEGER
  const { db } = world.stack
  const call = await talk(world, { credits: highest, rate: highest })
  const earlier = sql`now() - ${longer} * interval '1 minute'`
  const { roomName: room_name } = call
  await sql`UPDATE voice_sessions SET created_at = ${earlier} WHERE room_name = ${room_name}`.execute(db)
  for (const kind of ['caller', 'agent'])
    await sql`INSERT INTO participants (sid, room_name, kind, identity, joined_at, left_at, seen_at)
      VALUES (${`PA_${randomUUID()}`}, ${room_name}, ${kind}, 'earlier', ${earlier}, now(), now())`.execute(db)
  const { status, json } = await endOnce(world, call)
  await call.caller.leave()
  must(status === 200, `DELETE was answered ${status}: ${JSON.stringify(json)}`)
  must(json.credits_charged === highest, `${json.credits_charged} are charged`)
  must(json.seconds_billed >= longer * 60, `${json.seconds_billed} s are billed`)
  return { seconds_billed: json.seconds_billed, credits_charged: json.credits_charged }
}
