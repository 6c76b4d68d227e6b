// What is said of an endpoint is said of the receiver that its URL leads to now, and of nobody before it.
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import t from 'tap'
import { freeTcpPort } from '../demo/ports.ts'
import { createRetention } from '../src/plugins/deliveries/event-retention.ts'
import { updateEndpoint } from '../src/repositories/webhook-endpoints.ts'
import { generateWebhookSecret, seal } from '../src/webhook-secret.ts'
import {
  addEndpoint,
  buildWithEndpoint,
  deliveriesOf,
  endpointOf,
  isDelivered,
  startReceiver,
  status,
  tell,
  until,
  untilDelivery,
  wasTried,
} from './receiver.ts'

const daysAgo = (count: number) => sql`now() - ${count} * interval '1 day'`

t.test('who was not tried for longer than any pause has not failed since before', async (t) => {
  const { service, endpoint } = await buildWithEndpoint(t, status(503))
  const fail = async (hours: number) => {
    await sql`DELETE FROM events`.execute(service.db)
    await sql`UPDATE webhook_endpoints SET failing_since = ${daysAgo(10)}, failed_at = now() - ${hours} * interval '1 hour'`.execute(
      service.db,
    )
    await tell(service.db, service.organization.id)
    await untilDelivery(service, endpoint.id, wasTried(1))
    return endpointOf(service, endpoint.id)
  }
  const quiet = await fail(31)
  t.equal(quiet.disabled_at, null)
  t.ok(Number(quiet.failing_since) > Date.now() - 60_000, 'it fails since now')
  t.match(await fail(29), { disabled_reason: 'failing' })
})

t.test('another URL begins anew: nothing counts that was answered at the one before', async (t) => {
  let answer = () => {}
  const { service, receiver, endpoint } = await buildWithEndpoint(t, (response) => {
    answer = () => response.writeHead(410, { 'retry-after': '600' }).end()
  })
  const { db, organization } = service
  await sql`UPDATE webhook_endpoints SET failing_since = ${daysAgo(4)}, failed_at = now(), paused_until = now()`.execute(
    db,
  )
  await tell(db, organization.id)
  await until(async () => receiver.received.length === 1)
  const second = await startReceiver(t)
  await updateEndpoint(db, endpoint.id, { url: second.url })
  const anew = { disabled_at: null, failing_since: null, failed_at: null, paused_until: null }
  t.match(await endpointOf(service, endpoint.id), anew)
  answer()
  await untilDelivery(service, endpoint.id, wasTried(1))
  t.match(await endpointOf(service, endpoint.id), anew, 'the first receiver is gone, not the second')
  await sql`UPDATE webhook_deliveries SET wake_at = now()`.execute(db)
  await untilDelivery(service, endpoint.id, isDelivered)
  t.equal(second.received.length, 1)
})

t.test(
  'a secret that cannot be opened: the endpoint is left alone for five minutes, the others are told',
  async (t) => {
    const METRICS_PORT = String(await freeTcpPort())
    const WEBHOOK_SECRET_KEY = randomBytes(32).toString('base64')
    const { service, receiver } = await buildWithEndpoint(t, status(204), { METRICS_PORT, WEBHOOK_SECRET_KEY })
    const { db, organization } = service
    const said: unknown[] = []
    service.app.log.error = (...line: unknown[]) => said.push(line)
    const foreign = seal(generateWebhookSecret(), randomBytes(32))
    const { id } = await addEndpoint(db, organization.id, `${receiver.url}&foreign`, foreign)
    await tell(db, organization.id, 50)
    await until(async () => receiver.received.length === 50)
    await tell(db, organization.id)
    await until(async () => receiver.received.length === 51)
    const waiting = await deliveriesOf(service, id)
    t.equal(waiting.length, 51)
    for (const { tries, wake_at } of waiting)
      t.match({ tries, isWaiting: wake_at !== null }, { tries: 0, isWaiting: true })
    const { paused_until, failing_since } = await endpointOf(service, id)
    t.equal(failing_since, null, 'it does not fail: it is not asked')
    t.ok(Number(paused_until) > Date.now() + 200_000)
    const text = await (await fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`)).text()
    const unsigned = Number(/result="unsigned"} (\d+)/.exec(text)?.[1])
    t.ok(unsigned >= 1 && unsigned <= 100, `${unsigned} attempts, not one after the other`)
    t.match(said, [[{ endpoint_id: id, err: Error }, /^webhooks not sent/]], 'said once')
  },
)

t.test('events that are too old to be kept while they wait are told of', async (t) => {
  const METRICS_PORT = String(await freeTcpPort())
  const { service, endpoint } = await buildWithEndpoint(t, status(204), { METRICS_PORT })
  const { app, db, organization } = service
  await sql`UPDATE webhook_endpoints SET disabled_at = now(), disabled_reason = 'by_operator'
    WHERE id = ${endpoint.id}`.execute(db)
  await tell(db, organization.id, 3)
  await sql`UPDATE events SET created_at = ${daysAgo(31)} WHERE organization_id = ${organization.id}`.execute(db)
  const said: unknown[] = []
  app.log.warn = (...line: unknown[]) => said.push(line)
  await createRetention(app)()
  t.same(await deliveriesOf(service, endpoint.id), [])
  t.match(said, [[{ undelivered: 3 }, /^webhooks given up/]])
  const text = await (await fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`)).text()
  t.match(text, 'webhook_deliveries_total{result="expired"} 3\n')
})
