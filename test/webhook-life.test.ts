// An endpoint from the command line to its receiver: tested, told of a call, rotated, disabled, enabled, and sent an event again.
import { Webhook } from 'standardwebhooks'
import t from 'tap'
import { chargedSession } from './charged.ts'
import { build, cloneDatabase, until } from './helper.ts'
import { runAdminWith } from './processes.ts'
import { insecure, type Received, startReceiver, untilOthersAreTold } from './receiver.ts'

t.setTimeout(600_000)

const variables = { ...insecure, WEBHOOK_SECRET_KEY: '6b657920'.repeat(8) }

const isSignedWith = (secret: string, { headers, body }: Received) => {
  try {
    return Boolean(new Webhook(secret).verify(body, headers as Record<string, string>))
  } catch {
    return false
  }
}

t.test('what the command line does to an endpoint is what its receiver meets', async (t) => {
  const service = await build(t, variables)
  const { received, url } = await startReceiver(t)
  const nth = (count: number) => until(async () => received[count - 1], 120_000)
  const webhook = async (command: string, ...args: string[]) => {
    const all = { ...variables, DATABASE_URL: await cloneDatabase() }
    const { code, stdout, stderr } = await runAdminWith(all, 'webhook', command, ...args)
    t.equal(code, 0, `${command}: ${stderr}`)
    return JSON.parse(stdout)
  }
  const { id, secret, secret_is_encrypted } = await webhook('create', '--org', service.organization.id, '--url', url)
  t.equal(secret_is_encrypted, true)
  const { event_id } = await webhook('test', '--id', id)
  const test = await nth(1)
  t.equal(test.headers['webhook-id'], event_id)
  t.match(JSON.parse(test.body), { id: event_id, type: 'webhook.test', data: {} })
  t.ok(isSignedWith(secret, test))

  const room = await chargedSession(service)
  const ended = await nth(2)
  t.match(JSON.parse(ended.body), { type: 'call.ended', data: { room_name: room, credits_charged: 10 } })
  const untilDelivered = (count: number) =>
    until(async () => (await webhook('deliveries', '--id', id, '--status', 'delivered')).length === count, 120_000)
  await untilDelivered(2)

  const { secret: next } = await webhook('rotate', '--id', id)
  await webhook('redeliver', '--id', id, '--room', room)
  const again = await nth(3)
  t.equal(again.headers['webhook-id'], ended.headers['webhook-id'], 'the same id')
  t.equal(again.body, ended.body, 'the same body')
  t.ok(isSignedWith(secret, again) && isSignedWith(next, again), 'both secrets sign')
  await webhook('rotate', '--id', id, '--overlap', '0')
  await webhook('update', '--id', id, '--disable')
  await chargedSession(service)
  await untilOthersAreTold(t, service)
  t.match(await webhook('show', '--id', id), { pending: 1, disabled_reason: 'by_operator' })
  t.equal(received.length, 3, 'what comes now waits')
  await webhook('update', '--id', id, '--enable')
  const late = await nth(4)
  t.notOk(isSignedWith(secret, late) || isSignedWith(next, late), 'the old secrets sign no more')
  await untilDelivered(3)
})
