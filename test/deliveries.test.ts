// Events reach their receivers: signed, byte for byte as they were written, under one id however often they are sent.
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { Webhook } from 'standardwebhooks'
import t from 'tap'
import { generateWebhookSecret, seal } from '../src/webhook-secret.ts'
import {
  addEndpoint,
  buildWithEndpoint,
  deliveriesOf,
  endpointOf,
  type Received,
  skipWaits,
  status,
  tell,
  until,
} from './receiver.ts'

/** A busy machine takes up to five times as long. */
const usualSeconds = 2

const verify = (secret: string, { body, headers }: Received) =>
  new Webhook(secret).verify(body, headers as Record<string, string>)

t.test(
  'a call that ends is told within a second or two: the receipt, signed as Standard Webhooks has it',
  async (t) => {
    const { service, receiver, endpoint } = await buildWithEndpoint(t)
    const { json } = await service.create()
    const settledAt = performance.now()
    await service.app.calls.settle(json.room_name, { end_reason: 'caller_left', until: 'now' })
    await until(async () => receiver.received.length === 1)
    const seconds = (performance.now() - settledAt) / 1000
    t.ok(seconds < 5 * usualSeconds, `${seconds} s`)
    const [received] = receiver.received as [Received]
    const [event] = await service.db.selectFrom('events').select(['id', 'body']).execute()
    t.equal(received.body, event?.body, 'exactly')
    t.equal(received.path, '/events?key=canary')
    const receipt = (await service.get(`/v1/chat/voice-sessions/${json.room_name}`)).json
    t.match(verify(endpoint.secret, received), { id: event?.id, type: 'call.ended', data: receipt })
    t.match(received.headers, {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(received.body)),
      'user-agent': 'voice-sessions',
      'webhook-id': event?.id,
    })
    t.throws(() => verify(generateWebhookSecret(), received), 'by nobody else')
    await until(async () => (await deliveriesOf(service, endpoint.id))[0]?.delivered_at)
    t.match(await deliveriesOf(service, endpoint.id), [
      { tries: 1, attempt: 1, answer_status: 204, failure: null, wake_at: null },
    ])
  },
)

t.test('an event that is sent again has its id and its body, and the time of the attempt', async (t) => {
  const { service, receiver, endpoint } = await buildWithEndpoint(t, status(500))
  const [event] = await tell(service.db, service.organization.id)
  await until(async () => (await deliveriesOf(service, endpoint.id))[0]?.tries === 1)
  t.match(await deliveriesOf(service, endpoint.id), [{ answer_status: 500, failure: 'status', delivered_at: null }])
  t.ok((await endpointOf(service, endpoint.id)).failing_since)
  // The time is in seconds.
  await new Promise((resolve) => setTimeout(resolve, 1100))
  receiver.answer = status(200)
  await skipWaits(service)
  await until(async () => (await deliveriesOf(service, endpoint.id))[0]?.delivered_at)
  const [first, second, ...more] = receiver.received as [Received, Received]
  t.same(more, [])
  t.same([first.id, second.id, first.body, second.body], [event?.id, event?.id, event?.body, event?.body])
  const [before, after] = [first, second].map(({ headers }) => Number(headers['webhook-timestamp']))
  t.ok(Number(after) > Number(before))
  for (const received of [first, second]) verify(endpoint.secret, received)
  t.match(await deliveriesOf(service, endpoint.id), [{ tries: 2, answer_status: 200, failure: null }])
  t.equal((await endpointOf(service, endpoint.id)).failing_since, null, 'a success clears it')
})

t.test('while a secret is replaced both verify; then only the new one', async (t) => {
  const { service, receiver, endpoint } = await buildWithEndpoint(t)
  const secret = generateWebhookSecret()
  const rotate = (until: string) =>
    sql`UPDATE webhook_endpoints SET secret = ${secret}, previous_secret = ${endpoint.secret}, previous_until = now() + ${until}::interval`.execute(
      service.db,
    )
  await rotate('1 hour')
  await tell(service.db, service.organization.id)
  await until(async () => receiver.received.length === 1)
  await rotate('-1 s')
  await tell(service.db, service.organization.id)
  await until(async () => receiver.received.length === 2)
  const [both, one] = receiver.received as [Received, Received]
  t.match(both.headers['webhook-signature'], /^v1,[\w+/]+= v1,[\w+/]+=$/)
  for (const each of [secret, endpoint.secret]) verify(each, both)
  verify(secret, one)
  t.match(one.headers['webhook-signature'], /^v1,[\w+/]+=$/)
  t.throws(() => verify(endpoint.secret, one))
})

t.test(
  'a secret that is stored encrypted signs; where its key is another, nothing is sent, and it waits',
  async (t) => {
    const key = randomBytes(32)
    const { service, receiver } = await buildWithEndpoint(t, undefined, { WEBHOOK_SECRET_KEY: key.toString('base64') })
    const secret = generateWebhookSecret()
    const { id: lost } = await addEndpoint(
      service.db,
      service.organization.id,
      receiver.url,
      seal(secret, randomBytes(32)),
    )
    const { id } = await addEndpoint(service.db, service.organization.id, receiver.url, seal(secret, key))
    await sql`DELETE FROM webhook_endpoints WHERE id NOT IN (${lost}, ${id})`.execute(service.db)
    await tell(service.db, service.organization.id)
    await until(async () => (await deliveriesOf(service, lost))[0]?.attempt === 1)
    await until(async () => (await deliveriesOf(service, id))[0]?.delivered_at)
    t.equal(receiver.received.length, 1)
    verify(secret, receiver.received[0] as Received)
    t.match(await deliveriesOf(service, lost), [{ tries: 0, failure: null, delivered_at: null }])
    t.match(await endpointOf(service, lost), { failing_since: null, disabled_at: null })
  },
)

t.test('each endpoint gets the events that it wants, and all of them where it does not say', async (t) => {
  const { service, receiver, endpoint } = await buildWithEndpoint(t)
  const { id } = await addEndpoint(service.db, service.organization.id, receiver.url)
  await sql`UPDATE webhook_endpoints SET events = '{call.ended}' WHERE id = ${id}`.execute(service.db)
  await tell(service.db, service.organization.id)
  await until(async () => (await deliveriesOf(service, endpoint.id))[0]?.delivered_at)
  t.same(await deliveriesOf(service, id), [])
})
