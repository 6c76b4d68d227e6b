// Events are kept for thirty days, and an end that has no event is found out.
import { sql } from 'kysely'
import t from 'tap'
import { createRetention } from '../src/plugins/deliveries/event-retention.ts'
import { cloneDatabase } from './helper.ts'
import { runAdmin } from './processes.ts'
import { buildWithEndpoint, deliveriesOf, status, tell, until } from './receiver.ts'

t.test('events older than thirty days are deleted with their deliveries, in batches; others stay', async (t) => {
  const { service, endpoint } = await buildWithEndpoint(t, status(500))
  const { app, db, organization } = service
  await tell(db, organization.id, 2100)
  await sql`UPDATE events SET created_at = now() - interval '30 days 1 s'`.execute(db)
  const [young] = await tell(db, organization.id)
  await sql`UPDATE events SET created_at = now() - interval '29 days 23 hours' WHERE id = ${young?.id}`.execute(db)
  t.match(await app.repositories.deleteOldEvents(1000), { events: 1000 })
  const { repositories, metrics, log } = app
  await createRetention({ repositories, metrics, log, isClosing: () => true })()
  t.equal((await deliveriesOf(service, endpoint.id)).length, 1101, 'not while it closes')
  await createRetention(app)()
  t.same(await db.selectFrom('events').select('id').execute(), [{ id: young?.id }])
  t.equal((await deliveriesOf(service, endpoint.id)).length, 1)
})

t.test('audit: an end that is not told is counted from the sessions; 1', async (t) => {
  const { service, endpoint } = await buildWithEndpoint(t)
  const { app, db } = service
  const url = await cloneDatabase()
  const end = async () => {
    const { json } = await service.create()
    await app.calls.settle(json.room_name, { end_reason: 'caller_left', until: 'now' })
    return json.room_name
  }
  await sql`UPDATE organizations SET events_since = NULL`.execute(db)
  await end()
  await sql`UPDATE organizations SET events_since = clock_timestamp()`.execute(db)
  const room = await end()
  t.equal(await app.repositories.countMissingEvents(86_400), 0, 'nor what ended before')
  t.match(await runAdmin(url, 'audit'), { code: 0 })
  await until(async () => (await deliveriesOf(service, endpoint.id))[0]?.delivered_at)
  await sql`DELETE FROM events WHERE room_name = ${room}`.execute(db)
  t.equal(await app.repositories.countMissingEvents(86_400), 1)
  const { code, stdout } = await runAdmin(url, 'audit')
  t.equal(code, 1)
  t.match(JSON.parse(stdout), { credit_difference: 0, events_missing: 1, differences: [] })
  await sql`UPDATE voice_sessions SET settled_at = now() - interval '2 days', created_at = now() - interval '3 days'`.execute(
    db,
  )
  await sql`UPDATE organizations SET events_since = now() - interval '5 days'`.execute(db)
  t.equal(await app.repositories.countMissingEvents(86_400), 0, 'the gauge looks back for a day')
  t.equal(await app.repositories.countMissingEvents(29 * 86_400), 2)
})
