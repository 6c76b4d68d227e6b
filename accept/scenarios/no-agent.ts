// no-agent: no worker runs. Whoever joins is released within 25 s of joining and pays nothing.
import { setTimeout as sleep } from 'node:timers/promises'
import { createSession, join, seconds, untilEnded, untilReleased } from '../calls.ts'
import { checkBooks, must } from '../check.ts'
import type { Tally } from '../client.ts'
import type { Scenario } from '../scenario.ts'
import { type Customer, createCustomer, type Stack, startStack } from '../stack.ts'

const releasedWithin = 25_000
const rate = 10

/** How long a caller who joins so many milliseconds after the session was created is left without an agent. */
async function waitInVain(stack: Stack, customer: Customer, delay: number, tally: Tally): Promise<number> {
  const session = await createSession(stack, customer, tally)
  await sleep(delay)
  const call = await join(session)
  const waited = (await untilReleased(call, releasedWithin + 5000)) - call.joinedAt
  await call.caller.leave()
  must(waited <= releasedWithin, `a caller who joined after ${delay} ms was left alone for ${waited} ms`)
  const { end_reason, credits_charged, seconds_billed } = await untilEnded(stack, call, 5000)
  must(end_reason === 'agent_unavailable', `the session ended as ${end_reason}`)
  must(credits_charged === 0 && seconds_billed === 0, `it charged ${credits_charged} for ${seconds_billed} s`)
  return seconds(waited)
}

export const noAgent: Scenario = async ({ short }) => {
  const stack = await startStack({ replicas: 2 })
  const credits = 10 * rate
  const customer = await createCustomer(stack.db, { credits, rate })
  const tally: Tally = {}
  const delays = short ? [0, 12_000] : [0, 2000, 5000, 8000, 11_000, 13_000]
  const told = await Promise.all(delays.map((delay) => waitInVain(stack, customer, delay, tally)))

  // The reaper finds the caller by looking, too.
  stack.relay.deliveries = () => []
  const untold = await Promise.all(delays.map((delay) => waitInVain(stack, customer, delay, tally)))
  await checkBooks(stack, tally)
  await stack.stop()
  return {
    callers: told.length + untold.length,
    released_after_s: told,
    released_after_s_without_events: untold,
    tally,
  }
}
