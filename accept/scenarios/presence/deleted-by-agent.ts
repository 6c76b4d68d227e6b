// The agent hangs up by deleting the room with LiveKit's key, as the framework's EndCallTool does: in a short call, in a longer
// one, and before a caller has come. The session ends at that moment, and says who ended it.
import { must } from '../../check.ts'
import { mustBill, secondsAfter, secondsSince, sessionWithAgent, talk, untilTogether, type World } from './world.ts'

/** Seconds by which `ended_at` may differ. */
const tolerance = 1.5

async function judge(world: World, session: Parameters<typeof mustBill>[1], deletedAt: number, talked: number) {
  const { ended_at, credits_charged } = await mustBill(world, session, { talked, end_reason: 'ended_by_agent' })
  const difference = (Date.parse(ended_at as string) - deletedAt) / 1000
  must(Math.abs(difference) <= tolerance, `ended_at is ${difference} s from the deletion`)
  must(talked > 0 || credits_charged === 0, `${credits_charged} are charged without talk`)
  return difference
}

async function hangUp(world: World, seconds: number): Promise<number> {
  const call = await talk(world)
  await secondsAfter(call.since, seconds)
  const deletedAt = Date.now()
  const talked = secondsSince(call.since)
  await world.stack.rooms.deleteRoom(call.roomName)
  const difference = await judge(world, call, deletedAt, talked)
  await call.caller.leave()
  return difference
}

async function hangUpEarly(world: World): Promise<number> {
  const session = await sessionWithAgent(world)
  await untilTogether(world, session, 1)
  const deletedAt = Date.now()
  await world.stack.rooms.deleteRoom(session.roomName)
  return judge(world, session, deletedAt, 0)
}

/** By how many seconds `ended_at` differs from the deletion. */
export async function deletedByAgent(world: World) {
  const differences = await Promise.all([hangUp(world, 2), hangUp(world, 8), hangUpEarly(world)])
  return { ended_at_differs_s: differences }
}
