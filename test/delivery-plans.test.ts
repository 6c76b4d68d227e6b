// However many deliveries there are, and however many wait: what is asked of them again and again reads a few.
import { sql } from 'kysely'
import t from 'tap'
import { claimDeliveries } from '../src/repositories/due-deliveries.ts'
import { findWebhookFigures } from '../src/repositories/event-upkeep.ts'
import type { Db } from '../src/repositories/schema.ts'
import { execute } from '../src/repositories/statement.ts'
import { build } from './helper.ts'
import { planOf } from './plans.ts'
import { addEndpoint } from './receiver.ts'

const eventsEach = 20_000
const nothing = { wellUnderWay: {}, failingUnderWay: {} }

t.test(
  'where something waits for thousands of endpoints, a claim looks at some of them, and the next at others',
  async (t) => {
    const { app, db, organization } = await build(t)
    await app.close()
    await sql`
    INSERT INTO webhook_endpoints (organization_id, url, secret, failing_since)
    SELECT ${organization.id}, 'https://receiver.test/' || n, 'x', now() FROM generate_series(1, 2000) n`.execute(db)
    await sql`SELECT record_event(${organization.id}::uuid, 'credit.low', NULL, '{}')`.execute(db)
    await sql`VACUUM ANALYZE webhook_deliveries`.execute(db)
    const places = {
      ...{ well: 200, failing: 100, perOrganization: 5, perEndpoint: 5, fair: 5, reserved: 100 },
      ...nothing,
    }
    const claimed = new Set<string>()
    const order: string[] = []
    for (let round = 0; round < 200 && order.length < 2000; round++)
      for (const { endpoint_id } of await claimDeliveries(db, places)) {
        claimed.add(endpoint_id)
        order.push(endpoint_id)
      }
    t.equal(claimed.size, 2000, 'all are reached')
    t.equal(order.length, 2000, 'and each once')
    t.notSame(order, [...order].sort(), 'not always the first')
    await sql`UPDATE webhook_deliveries SET wake_at = now() + interval '1 hour'`.execute(db)
    const { blocks } = await planOf(db, (db) => claimDeliveries(db, places))
    t.ok(blocks < 9000, `nothing is due: ${blocks} blocks`)
    await sql`DELETE FROM webhook_endpoints`.execute(db)
  },
)

t.test('deliveries are found by indexes', async (t) => {
  const { db, organization } = await build(t)
  const [idle, busy, another] = [
    await addEndpoint(db, organization.id, 'https://receiver.test/idle'),
    await addEndpoint(db, organization.id, 'https://receiver.test/busy'),
    await addEndpoint(db, organization.id, 'https://receiver.test/another'),
  ]
  // The service's own courier leaves them alone.
  await sql`UPDATE webhook_endpoints SET paused_until = 'infinity'`.execute(db)
  await sql`
    INSERT INTO events (id, organization_id, type, body)
    SELECT 'evt_' || md5('plan' || n), ${organization.id}, 'credit.low', '{}' FROM generate_series(1, ${eventsEach}::int) n`.execute(
    db,
  )
  for (const [{ id }, wake_at] of [
    [idle, null],
    [busy, new Date()],
    [another, null],
  ] as const)
    await sql`
      INSERT INTO webhook_deliveries (event_id, endpoint_id, wake_at) SELECT id, ${id}::uuid, ${wake_at}::timestamptz
      FROM events WHERE type = 'credit.low'`.execute(db)
  await sql`VACUUM ANALYZE webhook_deliveries`.execute(db)
  await sql`VACUUM ANALYZE events`.execute(db)
  await sql`VACUUM ANALYZE webhook_endpoints`.execute(db)
  const places = {
    ...{ well: 200, failing: 100, perOrganization: 5, perEndpoint: 5, fair: 5, reserved: 100 },
    ...nothing,
  }
  const asked: Record<string, (db: Db) => Promise<unknown>> = {
    'what is due, where the endpoint is left alone': (db) => claimDeliveries(db, places),
    'how long the oldest has waited': findWebhookFigures,
    'those of an endpoint that is deleted': (db) =>
      execute(db, 'deleteEndpoint', sql`DELETE FROM webhook_deliveries WHERE endpoint_id = ${'0'.repeat(32)}::uuid`),
  }
  for (const [what, ask] of Object.entries(asked)) {
    const { nodes, blocks } = await planOf(db, ask)
    t.ok(blocks < 100, `${what}: ${blocks} blocks by ${nodes}`)
  }
  await sql`UPDATE webhook_endpoints SET paused_until = NULL`.execute(db)
  const { nodes, blocks } = await planOf(db, (db) => claimDeliveries(db, places))
  t.ok(blocks < 400, `what is due: ${blocks} blocks by ${nodes}`)
})
