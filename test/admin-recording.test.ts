// Events are recorded while there is an endpoint, or while that is asked for.
import t from 'tap'
import { chargedSession } from './charged.ts'
import { admin } from './command-line.ts'
import { createEndpoint } from './endpoints.ts'
import { build, cloneDatabase, type Service } from './helper.ts'
import { query } from './processes.ts'
import { types } from './recorded.ts'

const recordsSince = async ({ organization }: Service) => {
  const select = 'SELECT events_since FROM organizations WHERE id = $1'
  return (await query(select, [organization.id], await cloneDatabase()))[0].events_since
}

t.test('events are recorded from the first endpoint to the last, or while that is asked for', async (t) => {
  const service = await build(t)
  const url = await cloneDatabase()
  const org = ['--org', service.organization.id]
  const remove = (id: string) => admin(t, url, 'webhook', 'delete', '--id', id)
  await chargedSession(service)
  t.equal(await recordsSince(service), null)
  const first = await createEndpoint(t, service)
  const since = await recordsSince(service)
  t.ok(since)
  const second = await createEndpoint(t, service)
  t.same(await recordsSince(service), since, 'since the first')
  await chargedSession(service)
  t.match(await remove(first.id), { id: first.id, url: first.url, pending: 1 }, 'what was deleted')
  t.same(await recordsSince(service), since)
  const left = await query('SELECT endpoint_id FROM webhook_deliveries WHERE endpoint_id = $1', [first.id], url)
  t.strictSame(left, [], 'its deliveries are gone')

  const update = (...args: string[]) => admin(t, url, 'org', 'update', ...org, ...args)
  t.match(await update('--record-events'), { records_events: true })
  await remove(second.id)
  t.same(await recordsSince(service), since, 'because it was asked for')
  t.match(await admin(t, url, 'org', 'show', ...org), { records_events: true })
  await createEndpoint(t, service)
  t.match(await update('--no-record-events', '--name', 'B'), { name: 'B', records_events: false })
  t.same(await recordsSince(service), since, 'because there is an endpoint')
  const [{ id }] = await admin(t, url, 'webhook', 'list', ...org)
  await remove(id)
  t.equal(await recordsSince(service), null)
  await chargedSession(service)
  t.strictSame(await types(service), ['call.ended'], 'of the session in between')
  await update('--record-events')
  t.ok((await recordsSince(service)) > since, 'from then on')
  await update('--no-record-events')
  t.equal(await recordsSince(service), null)
})

t.test('of the last two endpoints, deleted at once, one is the last', async (t) => {
  const service = await build(t)
  const url = await cloneDatabase()
  for (let times = 0; times < 5; times++) {
    const ids = [(await createEndpoint(t, service)).id, (await createEndpoint(t, service)).id]
    await Promise.all(ids.map((id) => admin(t, url, 'webhook', 'delete', '--id', id)))
    t.equal(await recordsSince(service), null)
  }
})
