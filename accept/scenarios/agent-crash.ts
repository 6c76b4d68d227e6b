// agent-crash: the worker and all its calls' processes are killed at once in the first minute of their calls. Every caller is
// released within 40 s and pays one minute.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Call, seconds, startTalk, untilEnded, untilReleased } from '../calls.ts'
import { checkBooks, must } from '../check.ts'
import type { Tally } from '../client.ts'
import type { Scenario } from '../scenario.ts'
import { createCustomer, type Stack, startStack } from '../stack.ts'
import { keepWarm } from '../workers.ts'

const releasedWithin = 40_000
const rate = 10

async function judge(stack: Stack, call: Call, killedAt: number): Promise<number> {
  const waited = (await untilReleased(call, releasedWithin + 5000)) - killedAt
  await call.caller.leave()
  must(waited <= releasedWithin, `a caller was left alone for ${waited} ms`)
  const { end_reason, credits_charged, seconds_billed } = await untilEnded(stack, call, 5000)
  must(end_reason === 'agent_left', `the session ended as ${end_reason}`)
  must(credits_charged === rate, `it charged ${credits_charged} for ${seconds_billed} s`)
  return seconds(waited)
}

export const agentCrash: Scenario = async ({ short }) => {
  keepWarm(2)
  const stack = await startStack()
  const worker = await stack.startWorker()
  const customer = await createCustomer(stack.db, { rate })
  const tally: Tally = {}

  // LiveKit takes 20 s to notice that an agent is gone: who talked for 48 s must not pay for these 20.
  const talks = short ? [48, 12] : [48, 36, 24, 12]
  const first = await startTalk(stack, customer, tally)
  const killAt = (first.caller.heard.agentJoined as number) + (talks[0] as number) * 1000
  const calls = [first]
  for (const talk of talks.slice(1)) {
    await sleep(Math.max(0, killAt - talk * 1000 - performance.now()))
    calls.push(await startTalk(stack, customer, tally))
  }
  await sleep(Math.max(0, killAt - performance.now()))
  process.kill(-worker.pid, 'SIGKILL')
  const killedAt = performance.now()
  const released = await Promise.all(calls.map((call) => judge(stack, call, killedAt)))
  await checkBooks(stack, tally)
  await stack.stop()
  return { calls: calls.length, talked_s: talks, released_after_s: released, charged_minutes: 1, tally }
}
