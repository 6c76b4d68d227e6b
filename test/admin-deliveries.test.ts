// Deliveries: what became of each event at an endpoint, and how it is sent again, under its id.
import t from 'tap'
import { chargedSession } from './charged.ts'
import { admin, timePattern } from './command-line.ts'
import { createEndpoint, delivered, givenUp, setDeliveries } from './endpoints.ts'
import { build, cloneDatabase, seedOrganization } from './helper.ts'
import { query, runAdmin } from './processes.ts'
import { recorded } from './recorded.ts'

const deliveriesOf = async (endpoint: string) =>
  query('SELECT * FROM webhook_deliveries WHERE endpoint_id = $1 ORDER BY event_id', [endpoint], await cloneDatabase())

t.test('webhook deliveries prints what became of each event, the newest first', async (t) => {
  const service = await build(t)
  const url = await cloneDatabase()
  const { id } = await createEndpoint(t, service)
  const rooms = [await chargedSession(service), await chargedSession(service), await chargedSession(service)]
  const [first, second, third] = await recorded(service)
  await setDeliveries(id, givenUp, first.id)
  await setDeliveries(id, "tries = 2, attempt = 2, tried_at = now(), failure = 'timeout'", second.id)
  await setDeliveries(id, delivered, third.id)
  const list = (...args: string[]) => admin(t, url, 'webhook', 'deliveries', '--id', id, ...args)
  const all = await list()
  const of = (n: number, event: { id: string }) => ({ event_id: event.id, type: 'call.ended', room_name: rooms[n] })
  t.match(all, [
    { ...of(2, third), status: 'delivered', tries: 1, answer_status: 204, delivered_at: timePattern, next_at: null },
    { ...of(1, second), status: 'pending', tries: 2, failure: 'timeout', next_at: timePattern, tried_at: timePattern },
    { ...of(0, first), status: 'given_up', tries: 10, answer_status: 500, given_up_at: timePattern, next_at: null },
  ])
  t.equal(all.length, 3)
  t.match(all[0].created_at, timePattern)
  t.strictSame(await list('--limit', '2'), all.slice(0, 2))
  for (const [n, status] of ['delivered', 'pending', 'given_up'].entries())
    t.strictSame(await list('--status', status), [all[n]], status)
  t.match(await admin(t, url, 'webhook', 'show', '--id', id), { pending: 1 })
  await admin(t, url, 'webhook', 'update', '--id', id, '--disable')
  const waiting = await list()
  t.strictSame(waiting, [all[0], { ...all[1], next_at: null }, all[2]], 'a disabled endpoint is sent nothing')
})

t.test(
  'webhook deliveries says when, to an endpoint that asked to be left alone, and why not to an address',
  async (t) => {
    const service = await build(t)
    const url = await cloneDatabase()
    const { id } = await createEndpoint(t, service)
    await chargedSession(service)
    await setDeliveries(id, "tries = 1, tried_at = now(), failure = 'address'")
    const [{ paused_until }] = await admin(t, url, 'webhook', 'list', '--org', service.organization.id)
    const { code, stdout, stderr } = await runAdmin(url, 'webhook', 'deliveries', '--id', id)
    t.equal(code, 0)
    t.match(JSON.parse(stdout), [{ status: 'pending', failure: 'address', next_at: paused_until }])
    t.match(stderr, /^note: address: the host is not public, and .* WEBHOOK_INSECURE_HOSTS does not name it\n$/)
  },
)

t.test('webhook test writes a webhook.test for this endpoint alone, whatever types it wants', async (t) => {
  const service = await build(t)
  const url = await cloneDatabase()
  const [tested, other] = [await createEndpoint(t, service, '--events', 'credit.low'), await createEndpoint(t, service)]
  const { code, stdout, stderr } = await runAdmin(url, 'webhook', 'test', '--id', tested.id)
  t.equal(code, 0)
  t.equal(stderr, `note: webhook deliveries --id ${tested.id} shows what became of it\n`)
  const { id, event_id } = JSON.parse(stdout)
  t.equal(id, tested.id)
  t.match(event_id, /^evt_[0-9a-f]{32}$/)
  const [event] = await recorded(service)
  t.strictSame(JSON.parse(event.body), {
    ...{ id: event_id, type: 'webhook.test', created: event.created },
    ...{ organization_id: service.organization.id, data: {} },
  })
  t.match(event.created, timePattern)
  t.match(await admin(t, url, 'webhook', 'deliveries', '--id', tested.id), [
    { event_id, type: 'webhook.test', room_name: null, status: 'pending', tries: 0, tried_at: null },
  ])
  t.strictSame(await deliveriesOf(other.id), [])
  t.match(await admin(t, url, 'webhook', 'redeliver', '--id', other.id, '--since', '2020-01-01T00:00:00Z'), {
    redelivered: 0,
  })
})

t.test('webhook redeliver begins the schedule anew, and keeps the event', async (t) => {
  const service = await build(t)
  const url = await cloneDatabase()
  const { id } = await createEndpoint(t, service)
  const rooms = [await chargedSession(service), await chargedSession(service)]
  const before = await recorded(service)
  const [first, second] = before
  const redeliver = async (...args: string[]) => {
    await setDeliveries(id, givenUp, first.id)
    await setDeliveries(id, delivered, second.id)
    const { redelivered } = await admin(t, url, 'webhook', 'redeliver', '--id', id, ...args)
    const again = (await deliveriesOf(id)).filter(({ wake_at }) => wake_at !== null)
    t.equal(redelivered, again.length)
    for (const row of again) t.match(row, { tries: 0, delivered_at: null, given_up_at: null })
    return new Map(again.map(({ event_id, attempt }) => [event_id, attempt]))
  }
  t.strictSame(await redeliver('--failed'), new Map([[first.id, 11]]), 'an attempt under way counts no more')
  t.strictSame(await redeliver('--event', second.id), new Map([[second.id, 2]]))
  t.strictSame([...(await redeliver('--room', String(rooms[0]))).keys()], [first.id])
  t.strictSame([...(await redeliver('--since', first.created)).keys()].sort(), [first.id, second.id].sort())
  t.strictSame([...(await redeliver('--since', '2999-01-01T00:00:00Z')).keys()], [])
  t.strictSame(await recorded(service), before, 'the same events, byte for byte')
})

t.test('webhook redeliver sends events to an endpoint that is younger, as far as it wants them', async (t) => {
  const service = await build(t)
  const url = await cloneDatabase()
  await createEndpoint(t, service)
  const room = await chargedSession(service)
  const [ended] = await recorded(service)
  const young = await createEndpoint(t, service)
  const choosy = await createEndpoint(t, service, '--events', 'credit.low')
  const redeliver = async (id: string, ...args: string[]) =>
    (await admin(t, url, 'webhook', 'redeliver', '--id', id, ...args)).redelivered
  const stranger = await seedOrganization(service.db)
  const create = ['webhook', 'create', '--org', stranger.id, '--url', 'https://other.example/hooks']
  const { id: foreign } = await admin(t, url, ...create)
  t.equal(await redeliver(foreign, '--since', '2020-01-01T00:00:00Z'), 0, 'another organization’s are not sent')
  t.equal(await redeliver(choosy.id, '--room', room), 0)
  t.equal(await redeliver(choosy.id, '--since', '2020-01-01T00:00:00Z'), 0)
  t.equal(await redeliver(choosy.id, '--failed'), 0)
  t.equal(await redeliver(choosy.id, '--event', ended.id), 1, 'the one that is named')
  t.equal(await redeliver(young.id, '--room', room), 1)
  t.match(await deliveriesOf(young.id), [{ event_id: ended.id, attempt: 0, tries: 0 }])
})
