// LiveKit's events never come, as where its setting lacks the service's URL: calls are known from looks alone. A short call
// that DELETE ends is billed, and a call that its caller leaves is billed until the last look, at most 25 s less than talked.
import { must } from '../../check.ts'
import { endOnce, hangUp, mustBill, secondsAfter, secondsSince, talk, type World } from './world.ts'

/** Seconds between two looks, and those by which the reaper and a busy machine may be late. */
const unseen = 25

export async function endedUntold(world: World, seconds: number) {
  const call = await talk(world)
  await secondsAfter(call.since, seconds)
  const talked = secondsSince(call.since)
  const { status } = await endOnce(world, call)
  must(status === 200, `DELETE was answered ${status}`)
  await call.caller.leave()
  const { seconds_billed } = await mustBill(world, call, { talked, end_reason: 'ended_by_api', less: 2, more: 2 })
  return { talked_s: Math.round(talked), billed_s: seconds_billed }
}

export async function leftUntold(world: World, seconds: number) {
  const call = await talk(world)
  await secondsAfter(call.since, seconds)
  const { talked, more } = await hangUp(call)
  const { seconds_billed } = await mustBill(world, call, { talked, end_reason: 'caller_left', less: unseen, more })
  return { talked_s: Math.round(talked), billed_s: seconds_billed }
}
