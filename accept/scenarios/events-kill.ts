// events-kill: replicas are killed under load while receivers fail, hang, answer 500, 410 and 429. Every settled session's
// call.ended is delivered at least once, under one id, and says what was settled.
import { setTimeout as sleep } from 'node:timers/promises'
import { admin, insecureHosts } from '../admin.ts'
import { checkBooks, untilSettled } from '../check.ts'
import type { Tally } from '../client.ts'
import { killAll } from '../kills.ts'
import { startLoad } from '../load.ts'
import type { Behaviour, Receiver } from '../receiver.ts'
import type { Scenario } from '../scenario.ts'
import { type Stack, startStack } from '../stack.ts'
import { createTold, skipWaits, type Told, untilDelivered } from './events/endpoint.ts'
import { judgeEnds } from './events/judge.ts'

/** What each answers to the first attempts of an event, at random; then it accepts. */
const faults: Record<string, Behaviour> = {
  fails: 500,
  hangs: 'hang',
  'is gone': 410,
  'is busy': { status: 429, headers: { 'retry-after': '1' } },
  'is elsewhere': { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
}

const failsSometimes =
  (fault: Behaviour): Receiver['behave'] =>
  ({ times }) =>
    times < 3 && Math.random() < 0.3 ? fault : 204

/** As an operator would who was told of it. */
async function enable(stack: Stack, { endpointId }: Told): Promise<void> {
  const { disabled_at } = await admin(stack, 'webhook', 'show', '--id', endpointId)
  if (disabled_at !== null) await admin(stack, 'webhook', 'update', '--id', endpointId, '--enable')
}

export const eventsKill: Scenario = async ({ short }) => {
  const kills = short ? 6 : 100
  const stack = await startStack({ replicas: 2, environment: () => insecureHosts })
  const all: Told[] = []
  for (const fault of Object.values(faults)) all.push(await createTold(stack, failsSometimes(fault)))
  const tally: Tally = {}
  const customers = all.map(({ customer }) => customer)
  const load = startLoad(stack, { customers, clients: 15, pauseMilliseconds: 500, tally })
  let isStopping = false
  async function tend(): Promise<void> {
    for (; !isStopping; await sleep(2000)) {
      await skipWaits(stack)
      for (const told of all) await enable(stack, told)
    }
  }
  const tending = tend()
  await killAll(stack.replicas, kills)
  await load.stop()
  await untilSettled(stack)
  for (const { receiver } of all) receiver.behave = () => 204
  await untilDelivered(stack, 300_000)
  isStopping = true
  await tending
  let ends = 0
  for (const { customer, receiver } of all)
    ends += await judgeEnds(stack.postgres.url(), customer.organizationId, receiver)
  const received = all.flatMap(({ receiver }) => receiver.received)
  const refused = received.filter(({ status }) => status < 200 || status > 299).length
  const audit = await admin(stack, 'audit')
  await checkBooks(stack, tally)
  await Promise.all(all.map(({ receiver }) => receiver.close()))
  await stack.stop()
  return { kills, ends, attempts: received.length, refused, audit, tally }
}
