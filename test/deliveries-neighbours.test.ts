// Events of one organization never wait for the receiver of another, nor twice for anything.
import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import t from 'tap'
import { buildApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { recordDelivered } from '../src/repositories/delivery.ts'
import { recordFailed } from '../src/repositories/failed-delivery.ts'
import { environment, seedOrganization } from './helper.ts'
import { startServer } from './processes.ts'
import {
  type Answer,
  addEndpoint,
  buildWithEndpoint,
  deliveriesOf,
  endpointOf,
  hang,
  insecure,
  isDelivered,
  startReceiver,
  status,
  tell,
  until,
  untilDelivery,
} from './receiver.ts'

/** Attempts at once that a replica makes for an endpoint where all goes well. */
const places = 45
/** A busy machine takes up to five times as long. */
const usualSeconds = 2

/** Leaves each request open; how many were open when each came. */
function holdOpen(receiver: { answer: Answer }) {
  const held = new Set<ServerResponse>()
  const atOnce: number[] = []
  receiver.answer = (response) => {
    held.add(response.once('close', () => held.delete(response)))
    atOnce.push(held.size)
  }
  const answerAll = (code: number) => {
    for (const response of held) response.writeHead(code).end()
    held.clear()
  }
  return { held, atOnce, answerAll }
}

/** How many a replica has delivered, as its counter says. */
async function deliveredBy({ metrics }: FastifyInstance): Promise<number> {
  const { values } = await metrics.webhookDeliveries.get()
  return values.find(({ labels }) => labels.result === 'delivered')?.value ?? 0
}

t.test(
  'with a thousand events for a receiver that hangs, it has 45 attempts, and others are told at once',
  async (t) => {
    const { service, receiver, endpoint } = await buildWithEndpoint(t)
    const { held, atOnce, answerAll } = holdOpen(receiver)
    await tell(service.db, service.organization.id, 1000)
    await until(async () => held.size === places)
    const other = await seedOrganization(service.db)
    const quick = await startReceiver(t)
    const { id } = await addEndpoint(service.db, other.id, quick.url)
    for (let times = 1; times <= 3; times++) {
      const toldAt = performance.now()
      await tell(service.db, other.id)
      await until(async () => quick.received.length === times)
      const seconds = (performance.now() - toldAt) / 1000
      t.ok(seconds < 5 * usualSeconds, `${seconds} s: before the receiver that hangs has its 20 s`)
    }
    await until(async () => (await deliveriesOf(service, id)).every(isDelivered))
    t.equal(Math.max(...atOnce), places)

    await sql`UPDATE webhook_endpoints SET failing_since = now() WHERE id = ${endpoint.id}`.execute(service.db)
    answerAll(500)
    const before = atOnce.length
    for (let times = 1; times <= 3; times++) {
      await until(async () => held.size > 0)
      answerAll(500)
    }
    t.same(atOnce.slice(before), [1, 1, 1], 'an endpoint that fails has one')
    await sql`DELETE FROM webhook_endpoints WHERE id = ${endpoint.id}`.execute(service.db)
  },
)

t.test('two replicas share what is to be sent, and send nothing twice', async (t) => {
  const { service, receiver, endpoint } = await buildWithEndpoint(t)
  const { held, answerAll } = holdOpen(receiver)
  const second = await buildApp(loadConfig(await environment(insecure)))
  t.teardown(() => second.close())
  await tell(service.db, service.organization.id, 100)
  await until(async () => held.size === 2 * places)
  receiver.answer = status(204)
  answerAll(204)
  await until(async () => (await deliveriesOf(service, endpoint.id)).every(isDelivered))
  t.equal(receiver.received.length, 100)
  const [first, other] = [await deliveredBy(service.app), await deliveredBy(second)]
  t.ok(Math.min(first, other) >= places, `${first} and ${other}: each has sent some`)
  t.equal(first + other, 100)
})

t.test('whoever was overtaken changes nothing', async (t) => {
  const { service, receiver, endpoint } = await buildWithEndpoint(t, hang)
  const [event] = await tell(service.db, service.organization.id)
  await until(async () => receiver.received.length === 1)
  const old = { event_id: event?.id ?? '', endpoint_id: endpoint.id, attempt: 1, url: receiver.url }
  // Its claim has ended: another attempt has it.
  receiver.answer = status(204)
  await sql`UPDATE webhook_deliveries SET wake_at = now()`.execute(service.db)
  const { attempt } = await untilDelivery(service, endpoint.id, isDelivered)
  t.equal(attempt, 2)
  t.equal(await recordDelivered(service.db, old, 200), false)
  const failed = { failure: 'status', answer_status: 410, again_seconds: 5, pause_seconds: 5, is_gone: true } as const
  t.same(await recordFailed(service.db, old, failed), { was_recorded: false, disabled_reason: null })
  t.equal(await service.app.repositories.handBackDelivery(old), false)
  t.match(await endpointOf(service, endpoint.id), { disabled_at: null, failing_since: null, paused_until: null })
  const [row] = await deliveriesOf(service, endpoint.id)
  t.match(row, { answer_status: 204, failure: null, wake_at: null })
})

t.test('what a killed replica was sending is sent by another once its claim has ended', async (t) => {
  const { service, receiver, endpoint } = await buildWithEndpoint(t, hang)
  await service.app.close()
  const server = await startServer(t, await environment({ ...insecure, LOG_LEVEL: 'info' }))
  const [event] = await tell(service.db, service.organization.id)
  await until(async () => receiver.received.length === 1)
  server.child.kill('SIGKILL')
  await server.finished
  const [{ wake_at, tries } = { wake_at: null, tries: 1 }] = await deliveriesOf(service, endpoint.id)
  t.ok(Number(wake_at) > Date.now(), 'it is claimed')
  t.equal(tries, 0)
  await sql`UPDATE webhook_deliveries SET wake_at = now()`.execute(service.db)
  receiver.answer = status(204)
  const second = await buildApp(loadConfig(await environment(insecure)))
  t.teardown(() => second.close())
  await untilDelivery(service, endpoint.id, isDelivered)
  t.same(
    receiver.received.map(({ id }) => id),
    [event?.id, event?.id],
  )
})
