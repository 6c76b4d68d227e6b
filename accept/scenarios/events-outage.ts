// events-outage: a receiver is down for the whole schedule. What it is offered before the end of it is delivered when it is back;
// what is not is given up at the documented end, and an endpoint that was down for five days is disabled, both loudly. Time is
// moved, not waited for.
import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { freeTcpPort } from '../../demo/ports.ts'
import { until } from '../../test/until.ts'
import { admin, insecureHosts } from '../admin.ts'
import { createSession } from '../calls.ts'
import { checkBooks, must, untilSettled } from '../check.ts'
import { endUntilAnswered } from '../client.ts'
import type { Scenario } from '../scenario.ts'
import { type Stack, startStack } from '../stack.ts'
import { createTold, skipWaits, type Told, untilDelivered } from './events/endpoint.ts'
import { judgeEnds } from './events/judge.ts'

/** The attempts that the guide promises. */
const attempts = 10

async function makeCalls(stack: Stack, { customer }: Told, count: number): Promise<void> {
  for (let call = 0; call < count; call++) {
    const { roomName } = await createSession(stack, customer)
    await endUntilAnswered(stack.replicas, customer, roomName)
  }
}

const tries = async ({ db }: Stack): Promise<{ tries: number; given_up: boolean }[]> => {
  const { rows } = await sql<{ tries: number; given_up: boolean }>`
    SELECT tries, given_up_at IS NOT NULL AS given_up FROM webhook_deliveries`.execute(db)
  return rows
}

/** Everything that waits is tried, until each was tried so often, or is given up. */
async function untilTried(stack: Stack, count: number): Promise<void> {
  const isTried = async () => {
    const all = await tries(stack)
    if (all.every((delivery) => delivery.given_up || delivery.tries >= count)) return true
    await sql`UPDATE webhook_deliveries SET wake_at = LEAST(wake_at, now()) WHERE wake_at IS NOT NULL AND tries < ${count}
      AND wake_at > now() + interval '45 s'`.execute(stack.db)
    return false
  }
  await until(isTried, 180_000, `events are not tried ${count} times`)
}

/** The level and the sentence of each line of log about webhooks. */
const logOf = ({ replicas }: Stack) =>
  replicas.flatMap(({ logFile }) =>
    readFileSync(logFile, 'utf8')
      .split('\n')
      .filter((line) => line.includes('webhook'))
      .map((line) => `${/"level":(\d+)/.exec(line)?.[1]} ${/"msg":"([^"]*)/.exec(line)?.[1]}`),
  )

/** The metric as each replica has it. */
const metricOf = (ports: number[], name: string): Promise<number[]> =>
  Promise.all(
    ports.map(async (port) => {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
      return Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.slice(name.length),
      )
    }),
  )

/** No attempt has succeeded for five days: the next that fails disables the endpoint, and everybody is told so. */
async function judgeDisabled(stack: Stack, told: Told, metricsPorts: number[]): Promise<void> {
  const show = () => admin(stack, 'webhook', 'show', '--id', told.endpointId)
  await makeCalls(stack, told, 1)
  await until(async () => (await show()).failing_since, 60_000, 'the endpoint does not fail')
  await sql`UPDATE webhook_endpoints SET failing_since = now() - interval '5 days'`.execute(stack.db)
  await skipWaits(stack)
  await until(async () => (await show()).disabled_reason === 'failing', 60_000, 'the endpoint is not disabled')
  must(
    logOf(stack).some((line) => line.startsWith('40 webhook endpoint disabled')),
    'the log does not say that it is disabled',
  )
  must((await metricOf(metricsPorts, 'webhook_endpoints_disabled')).join() === '1,1', 'the metric does not say it')
}

export const eventsOutage: Scenario = async ({ short }) => {
  const calls = short ? 3 : 20
  const metricsPorts = [await freeTcpPort(), await freeTcpPort()]
  const environment = (port: number | undefined) => ({ ...insecureHosts, METRICS_PORT: String(port) })
  const stack = await startStack({ environment: () => environment(metricsPorts[0]) })
  await stack.startReplica(environment(metricsPorts[1]))
  const told = await createTold(stack, () => 503)
  const { receiver, customer, endpointId } = told

  await makeCalls(stack, told, calls)
  await untilSettled(stack)
  await untilTried(stack, attempts - 1)
  must(
    (await tries(stack)).every(({ given_up }) => !given_up),
    'given up before the end of the schedule',
  )
  receiver.behave = () => 204
  await skipWaits(stack)
  await untilDelivered(stack, 60_000)
  const delivered = await judgeEnds(stack.postgres.url(), customer.organizationId, receiver)

  receiver.behave = () => 503
  await makeCalls(stack, told, calls)
  await untilSettled(stack)
  await untilTried(stack, attempts)
  const given_up = (await tries(stack)).filter((delivery) => delivery.given_up)
  must(given_up.length > 0 && given_up.every((delivery) => delivery.tries === attempts), 'given up at another attempt')
  const said = logOf(stack).filter((line) => line.startsWith('40 webhook given up'))
  must(said.length === given_up.length, 'not each that was given up is in the log')
  const counted = await metricOf(metricsPorts, 'webhook_deliveries_total{result="given_up"}')
  must(counted.reduce((sum, each) => sum + each) === given_up.length, 'not each that was given up is in the metric')
  await judgeDisabled(stack, told, metricsPorts)

  receiver.behave = () => 204
  await admin(stack, 'webhook', 'update', '--id', endpointId, '--enable')
  await admin(stack, 'webhook', 'redeliver', '--id', endpointId, '--failed')
  await untilDelivered(stack, 60_000)
  const ends = await judgeEnds(stack.postgres.url(), customer.organizationId, receiver)
  await checkBooks(stack)
  await receiver.close()
  await stack.stop()
  return { delivered_at_return: delivered, given_up: given_up.length, redelivered_ends: ends - delivered }
}
