// DELETE is answered 503 because LiveKit's API is down, or not at all because the service dies between the verdict and the
// settlement, and the callers talk on: billing has stopped with the request.
import { until } from '../../../test/until.ts'
import { later } from '../../calls.ts'
import { must } from '../../check.ts'
import type { Proxied } from '../../proxied.ts'
import { endOnce, mustBill, secondsAfter, secondsSince, type Talk, talk, type World } from './world.ts'

const rate = 10

/** The service dies after it has named the verdict, while LiveKit deletes the room. */
async function endAndDie(world: World, { proxies, replica }: Proxied, call: Talk): Promise<number> {
  const isDeleting = proxies.livekit.when('DeleteRoom', 'hang')
  const talked = secondsSince(call.since)
  later(endOnce(world, call))
  await until(async () => isDeleting(), 30_000, 'LiveKit is not asked to delete the room')
  replica.process.kill('SIGKILL')
  await replica.process.exited
  await replica.restart()
  return talked
}

/** One call is ended after `diesAfter` seconds, another after `endsAfter`; both callers leave so many seconds later. */
export async function billingStopped(
  world: World,
  proxied: Proxied,
  { diesAfter, endsAfter, staysFor }: { diesAfter: number; endsAfter: number; staysFor: number },
) {
  const [first, second] = await Promise.all([talk(world, { rate }), talk(world, { rate })])
  await secondsAfter(second.since, diesAfter)
  const secondTalked = await endAndDie(world, proxied, second)
  await secondsAfter(first.since, endsAfter)
  await proxied.proxies.livekit.set('refuse')
  const firstTalked = secondsSince(first.since)
  const { status } = await endOnce(world, first)
  must(status === 503, `DELETE was answered ${status} without LiveKit`)
  await secondsAfter(first.since, endsAfter + staysFor)
  await Promise.all([first.caller.leave(), second.caller.leave()])
  await proxied.proxies.livekit.set('pass')

  const bills = [
    { session: first, talked: firstTalked },
    { session: second, talked: secondTalked },
  ]
  return Promise.all(
    bills.map(async ({ session, talked }) => {
      const bill = await mustBill(world, session, { talked, end_reason: 'ended_by_api' })
      must(bill.credits_charged === rate, `${bill.credits_charged} are charged for ${talked} s`)
      return { talked_s: Math.round(talked), billed_s: bill.seconds_billed }
    }),
  )
}
