// livekit-events: real calls while LiveKit's events are lost, doubled and out of order, and one comes a day late. Nobody pays
// more than was talked, more than was held, or twice; every call is settled within 60 s of its end.
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../test/until.ts'
import { type Call, createSession, join, later, seconds, show, togetherSince, untilEnded } from '../calls.ts'
import { checkBooks, must } from '../check.ts'
import type { Tally } from '../client.ts'
import { forEachLimited } from '../for-each-limited.ts'
import type { Scenario } from '../scenario.ts'
import { type Customer, createCustomer, type Stack, startStack } from '../stack.ts'
import { keepWarm } from '../workers.ts'
import { deliverDayLate } from './livekit-events/day-late.ts'
import { unreliably } from './livekit-events/lossy.ts'

const settledWithin = 60_000
const rate = 10
const concurrency = 4

/** Seconds. Some are a little less than a minute: whatever is billed beyond the talk costs a minute more. */
const talks = [54, 8, 52, 15, 5, 30, 56, 12, 3, 20, 115, 53, 75, 25, 55, 10]
/** Calls of whose end no event tells; they end at different moments between two sweeps. */
const untoldTalks = [12, 6, 19, 54, 9, 24, 16, 31]

/** A call of so many seconds: settles when the caller has left, with a promise of what became of the session. */
async function call(stack: Stack, customer: Customer, talk: number, untold: Set<string> | undefined, tally: Tally) {
  const call = await join(await createSession(stack, customer, tally))
  untold?.add(call.roomName)
  const { heard } = call.caller
  await until(async () => heard.agentJoined !== undefined, 60_000, `no agent comes to ${call.roomName}`)
  const since = await togetherSince(stack, call)
  await sleep(talk * 1000)
  must(heard.disconnected === undefined, `a call was ended after ${talk} s`)
  await call.caller.leave()
  const leftAt = performance.now()
  const talked = (Date.now() - since) / 1000
  return { outcome: later(judge(stack, call, talked, leftAt)) }
}

async function judge(stack: Stack, call: Call, talked: number, leftAt: number) {
  const { seconds_billed = 0, credits_charged = 0 } = await untilEnded(stack, call, settledWithin + 30_000)
  const settledAfter = performance.now() - leftAt
  must(settledAfter <= settledWithin, `a call was settled ${seconds(settledAfter)} s after its end`)
  must(seconds_billed <= Math.ceil(talked) + 1, `${seconds_billed} s were billed, ${talked} s talked`)
  must(credits_charged <= rate * Math.ceil(talked / 60), `${credits_charged} were charged for ${talked} s`)
  return { call, talked, charged: credits_charged, settledAfter }
}

export const livekitEvents: Scenario = async ({ short }) => {
  keepWarm(concurrency)
  // How long a caller waits for an agent is not the question here.
  const environment = () => ({ AGENT_JOIN_SECONDS: '60' })
  // One replica: nobody else sweeps in between.
  const stack = await startStack({ worker: true, environment })
  const customer = await createCustomer(stack.db, { rate })
  const tally: Tally = {}
  const { untold, ...post } = unreliably(stack.relay, { lost: 0.3, doubled: 0.3, maxDelay: 8000, seed: 20260801 })

  const plans = [
    ...talks.slice(0, short ? 6 : undefined).map((talk) => () => call(stack, customer, talk, undefined, tally)),
    ...untoldTalks.slice(0, short ? 2 : undefined).map((talk) => () => call(stack, customer, talk, untold, tally)),
  ]
  const settling: ReturnType<typeof judge>[] = []
  await forEachLimited(plans, concurrency, async (plan) => {
    settling.push((await plan()).outcome)
  })
  const outcomes = await Promise.all(settling)

  const late = await deliverDayLate(stack, outcomes.find(({ charged }) => charged > 0)?.call as Call, post.sent)
  for (const { call, charged } of outcomes) {
    const now = (await show(stack, call)).credits_charged
    must(now === charged, `${charged} were charged, and later ${now}`)
  }
  await checkBooks(stack, tally)
  await stack.stop()
  const settled_after_s = outcomes.map(({ settledAfter }) => seconds(settledAfter))
  const charged_exactly = outcomes.filter(({ talked, charged }) => charged === rate * Math.ceil(talked / 60)).length
  return { calls: outcomes.length, events: post.figures, charged_exactly, settled_after_s, late, tally }
}
