// deadline: calls last longer than their credits, or than a call may last. The room is gone within 10 s of the end of
// the held time, all that was held is charged, and the reason says which it was.

import { until } from '../../test/until.ts'
import { seconds, startTalk, togetherSince, untilEnded, untilReleased } from '../calls.ts'
import { checkBooks, must } from '../check.ts'
import type { Tally } from '../client.ts'
import type { Scenario } from '../scenario.ts'
import { createCustomer, type Stack, startStack } from '../stack.ts'

const goneWithin = 10_000
const rate = 10

/** How long after the held minutes the room of a call is gone, in seconds. */
async function outlive(stack: Stack, minutes: number, credits: number, reason: string, tally: Tally): Promise<number> {
  const customer = await createCustomer(stack.db, { credits, rate })
  const call = await startTalk(stack, customer, tally)
  const heldUntil = (await togetherSince(stack, call)) + minutes * 60_000

  await untilReleased(call, heldUntil - Date.now() + goneWithin + 5000)
  const isGone = async () => (await stack.rooms.listRooms([call.roomName])).length === 0
  await until(isGone, goneWithin, `the room ${call.roomName} is still there`)
  const late = Date.now() - heldUntil
  await call.caller.leave()
  must(late > -500, `the call was ended ${-late} ms too early`)
  must(late <= goneWithin, `the room was gone ${late} ms after the held time`)
  const { end_reason, credits_charged } = await untilEnded(stack, call, 5000)
  must(end_reason === reason, `the session ended as ${end_reason}`)
  must(credits_charged === minutes * rate, `it charged ${credits_charged}, but held ${minutes * rate}`)
  return seconds(late)
}

export const deadline: Scenario = async ({ short }) => {
  const stack = await startStack({ replicas: 2, worker: true })
  const limited = await startStack({ environment: () => ({ MAX_CALL_MINUTES: '1' }), worker: true })
  const tally: Tally = {}
  const minutes = short ? [1] : [1, 2, 3]
  // Half a minute's credits are too few to be held, and must be left each time.
  const exhausted = minutes.map((held) => outlive(stack, held, held * rate + rate / 2, 'credits_exhausted', tally))
  const longest = [outlive(limited, 1, 100 * rate, 'max_duration', tally)]
  const [late_s, late_s_max_duration] = await Promise.all([Promise.all(exhausted), Promise.all(longest)])
  await checkBooks(stack, tally)
  await checkBooks(limited, tally)
  await stack.stop()
  await limited.stop()
  return {
    held_minutes: minutes,
    room_gone_after_s: late_s,
    room_gone_after_s_max_duration: late_s_max_duration,
    tally,
  }
}
