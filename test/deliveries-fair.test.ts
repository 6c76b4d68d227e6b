import { sql } from 'kysely'
import t from 'tap'
import { generateWebhookSecret } from '../src/webhook-secret.ts'
import { seedOrganization } from './helper.ts'
import {
  addEndpoint,
  buildWithEndpoint,
  deliveriesOf,
  hang,
  isDelivered,
  startReceiver,
  tell,
  until,
} from './receiver.ts'

t.test('the receiver of an organization that is slow, and takes all, keeps none of its others waiting', async (t) => {
  const { service, receiver, endpoint } = await buildWithEndpoint(t)
  receiver.answer = (response) => setTimeout(() => response.writeHead(204).end(), 3000)
  await tell(service.db, service.organization.id, 1000)
  await until(async () => receiver.received.length >= 5)
  const quick = await startReceiver(t)
  const { id } = await addEndpoint(service.db, service.organization.id, quick.url)
  for (let times = 1; times <= 5; times++) {
    await tell(service.db, service.organization.id)
    await until(async () => quick.received.length === times)
  }
  await until(async () => (await deliveriesOf(service, id)).every(isDelivered))
  const waiting = (await deliveriesOf(service, endpoint.id)).filter((row) => !isDelivered(row))
  t.ok(waiting.length > 100, `${waiting.length} of the slow one wait`)
})

t.test(
  'an organization with hundreds of endpoints that hang does not keep the one of another waiting that failed',
  async (t) => {
    const { service, receiver } = await buildWithEndpoint(t, hang)
    const { db, organization } = service
    await sql`DELETE FROM webhook_endpoints`.execute(db)
    await sql`
    INSERT INTO webhook_endpoints (organization_id, url, secret, failing_since)
    SELECT ${organization.id}, ${receiver.url} || n, ${generateWebhookSecret()}, now() FROM generate_series(1, 300) n`.execute(
      db,
    )
    await sql`UPDATE organizations SET events_since = now() WHERE id = ${organization.id}`.execute(db)
    await tell(db, organization.id)
    await until(async () => receiver.received.length === 100)
    const other = await seedOrganization(db)
    const mended = await startReceiver(t)
    const { id } = await addEndpoint(db, other.id, mended.url)
    await sql`UPDATE webhook_endpoints SET failing_since = now() WHERE id = ${id}`.execute(db)
    await tell(db, other.id)
    await until(async () => mended.received.length === 1)
    // The first places that were free again; there are none before the 20 s of the attempts.
    t.ok(receiver.received.length <= 200, `${receiver.received.length} attempts of the other before`)
  },
)

t.test('receivers that hang never take the places of those who have few', async (t) => {
  const { service, receiver } = await buildWithEndpoint(t, hang)
  const { db } = service
  for (let count = 0; count < 6; count++) {
    const { id } = await seedOrganization(db)
    for (let each = 0; each < 2; each++) await addEndpoint(db, id, `${receiver.url}&${each}`)
    await tell(db, id, 100)
  }
  // More than five for an organization only of the first hundred; then five each.
  await until(async () => receiver.received.length >= 100)
  const quick = await startReceiver(t)
  for (let times = 1; times <= 3; times++) {
    const other = await seedOrganization(db)
    await addEndpoint(db, other.id, quick.url)
    const toldAt = performance.now()
    await tell(db, other.id)
    await until(async () => quick.received.length === times)
    t.ok(performance.now() - toldAt < 10_000, 'before those that hang have their 20 s')
  }
  t.ok(receiver.received.length <= 200, `${receiver.received.length} at once`)
})
