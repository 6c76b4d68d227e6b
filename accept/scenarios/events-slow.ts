// events-slow: one organization's receiver hangs, with thousands of events pending. Another's are delivered meanwhile, and requests
// are answered as fast as before.
import { sql } from 'kysely'
import { until } from '../../test/until.ts'
import { insecureHosts } from '../admin.ts'
import { createSession } from '../calls.ts'
import { checkBooks, must, untilSettled } from '../check.ts'
import { endUntilAnswered } from '../client.ts'
import type { Scenario } from '../scenario.ts'
import { type Stack, startStack } from '../stack.ts'
import { createTold, type Told } from './events/endpoint.ts'

/** Milliseconds of each. */
interface Times {
  create: number[]
  delivery: number[]
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** From the answer to the end of a call to the event of it. */
async function time(stack: Stack, { customer, receiver }: Told, times: Times): Promise<void> {
  const startedAt = performance.now()
  const { roomName } = await createSession(stack, customer)
  times.create.push(performance.now() - startedAt)
  await endUntilAnswered(stack.replicas, customer, roomName)
  const endedAt = performance.now()
  const find = () => receiver.received.find(({ body }) => body.includes('"call.ended"') && body.includes(roomName))
  await until(async () => find() !== undefined, 60_000, `the end of ${roomName} is not delivered`)
  times.delivery.push((find()?.at ?? 0) - endedAt)
}

async function measure(stack: Stack, told: Told, calls: number) {
  const times: Times = { create: [], delivery: [] }
  for (let call = 0; call < calls; call++) await time(stack, told, times)
  return { create_ms: Math.round(median(times.create)), delivery_ms: Math.round(median(times.delivery)) }
}

export const eventsSlow: Scenario = async ({ short }) => {
  const pending = short ? 500 : 5000
  const calls = short ? 5 : 40
  const stack = await startStack({ environment: () => insecureHosts })
  const slow = await createTold(stack, () => 'hang')
  const other = await createTold(stack)
  await measure(stack, other, 3)
  const idle = await measure(stack, other, calls)

  await sql`
    SELECT record_event(${slow.customer.organizationId}::uuid, 'credit.low', NULL, shown_credits(${slow.customer.organizationId}::uuid))
    FROM generate_series(1, ${pending}::int)`.execute(stack.db)
  await until(async () => slow.receiver.received.length >= 2, 60_000, 'nothing comes to the slow receiver')
  const beside = await measure(stack, other, calls)
  await untilSettled(stack)
  const hanging = slow.receiver.received.length
  must(
    beside.delivery_ms < 5 * Math.max(idle.delivery_ms, 1000),
    `${beside.delivery_ms} ms instead of ${idle.delivery_ms}`,
  )
  must(
    beside.create_ms < 5 * Math.max(idle.create_ms, 50),
    `a create takes ${beside.create_ms} ms instead of ${idle.create_ms}`,
  )
  await checkBooks(stack)
  await Promise.all([slow, other].map(({ receiver }) => receiver.close()))
  await stack.stop()
  const ratio = (beside: number, idle: number) => Math.round((100 * beside) / idle) / 100
  return {
    ...{ pending, hanging, idle, beside },
    delivery_ratio: ratio(beside.delivery_ms, idle.delivery_ms),
    create_ratio: ratio(beside.create_ms, idle.create_ms),
  }
}
