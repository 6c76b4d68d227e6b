// A caller whose held minute is over steps out whenever the service looks, and comes back afterwards. The call ends nevertheless.
import { until } from '../../../test/until.ts'
import { show } from '../../calls.ts'
import { must } from '../../check.ts'
import { joinSilently } from './caller.ts'
import { mustBill, secondsAfter, secondsSince, talk, type World } from './world.ts'

const rate = 10
/** Milliseconds; LiveKit closes a room that its caller left for 10 s. */
const awayAtMost = 8500
/** Seconds before the time of the next look. */
const outBefore = 2
/** Seconds: at the second look after its end at the latest, the held minute is known to be over. */
const endedWithin = 60 + 45

export async function steppingOut(world: World) {
  const { db } = world.stack
  const call = await talk(world, { credits: rate + rate / 2, rate })
  const looks = async () => {
    const query = db.selectFrom('voice_sessions').select(['attempt', 'wake_at']).where('room_name', '=', call.roomName)
    return query.executeTakeFirstOrThrow()
  }
  const isOver = async () => (await show(world.stack, call)).status === 'ended'
  const isAboutToLook = async () => {
    const { wake_at } = await looks()
    return secondsSince(wake_at.getTime()) > -outBefore || (await isOver())
  }
  let { caller } = call
  let steps = 0
  await secondsAfter(call.since, 40)
  for (; !(await isOver()) && secondsSince(call.since) < endedWithin; steps++) {
    await until(isAboutToLook, 30_000, 'no look is planned')
    const { attempt } = await looks()
    await caller.leave()
    await until(async () => (await looks()).attempt > attempt, awayAtMost).catch(() => false)
    const back = await joinSilently(call).catch(() => undefined)
    if (!back) break
    caller = back
    // The look that has just begun sets the time of the next.
    await secondsAfter(Date.now(), 3)
  }
  await caller.leave()
  must(await isOver(), `the call goes on ${secondsSince(call.since)} s after it began`)
  const { seconds_billed, credits_charged } = await mustBill(world, call, {
    talked: 60,
    end_reason: 'credits_exhausted',
    less: 3,
    more: 45,
  })
  must(credits_charged === rate, `${credits_charged} are charged`)
  return { stepped_out: steps, seconds_billed }
}
