// When an event that was not taken is sent again, and when no more.
import { sql } from 'kysely'
import t from 'tap'
import { freeTcpPort } from '../demo/ports.ts'
import { pauseAfter, readRetryAfter } from '../src/plugins/deliveries/schedule.ts'
import {
  buildWithEndpoint,
  deliveriesOf,
  endpointOf,
  isDelivered,
  skipWaits,
  status,
  tell,
  until,
  untilDelivery,
  untilOthersAreTold,
  wasTried,
} from './receiver.ts'

t.test(
  'after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, each up to a fifth longer; then no more',
  async (t) => {
    const pauses = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
    for (const [index, pause] of pauses.entries()) {
      const drawn = Array.from({ length: 200 }, () => Number(pauseAfter(index + 1)))
      t.ok(Math.min(...drawn) >= pause && Math.max(...drawn) <= pause * 1.2, `${pause}`)
      t.ok(Math.max(...drawn) - Math.min(...drawn) > pause * 0.1, 'not all at once')
    }
    t.equal(pauseAfter(10), undefined)
  },
)

t.test('Retry-After is seconds or a date, up to a day; anything else asks for nothing', async (t) => {
  t.equal(readRetryAfter('120'), 120)
  t.equal(readRetryAfter(' 1 '), 1)
  t.equal(readRetryAfter('999999999'), 86_400)
  const at = (milliseconds: number) => readRetryAfter(new Date(Date.now() + milliseconds).toUTCString())
  t.ok(Number(at(600_000)) > 500 && Number(at(600_000)) <= 600)
  t.equal(at(1e10), 86_400)
  for (const nothing of [
    undefined,
    '',
    '0',
    '-5',
    '1.5',
    'soon',
    '2030-01-01',
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Mon, xx 00:00:00',
  ])
    t.equal(readRetryAfter(nothing), undefined, String(nothing))
})

t.test('an event that is refused ten times is given up, and its endpoint gets the next one all the same', async (t) => {
  const METRICS_PORT = String(await freeTcpPort())
  const { service, receiver, endpoint } = await buildWithEndpoint(t, status(503), { METRICS_PORT })
  const [event] = await tell(service.db, service.organization.id)
  for (let tries = 1; tries < 10; tries++) {
    const { wake_at, given_up_at } = await untilDelivery(service, endpoint.id, wasTried(tries))
    t.equal(given_up_at, null)
    t.ok(wake_at)
    await skipWaits(service)
  }
  const last = await untilDelivery(service, endpoint.id, wasTried(10))
  t.match(last, { wake_at: null, delivered_at: null, answer_status: 503, failure: 'status' })
  t.ok(last.given_up_at)
  t.same(
    receiver.received.map(({ id }) => id),
    Array.from({ length: 10 }, () => event?.id),
  )
  receiver.answer = status(204)
  await tell(service.db, service.organization.id)
  await untilDelivery(service, endpoint.id, isDelivered)
  const text = await (await fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`)).text()
  for (const line of ['{result="failed"} 9', '{result="given_up"} 1', '{result="delivered"} 1'])
    t.match(text, `webhook_deliveries_total${line}\n`)
})

for (const code of [429, 503])
  t.test(`${code} with Retry-After: nothing is sent there until then`, async (t) => {
    const { service, receiver, endpoint } = await buildWithEndpoint(t, status(code, { 'retry-after': '7200' }))
    await tell(service.db, service.organization.id)
    const { tried_at, wake_at } = await untilDelivery(service, endpoint.id, wasTried(1))
    t.equal(Number(wake_at) - Number(tried_at), 7_200_000)
    receiver.answer = status(204)
    await tell(service.db, service.organization.id)
    await skipWaits(service)
    await untilOthersAreTold(t, service)
    t.equal(receiver.received.length, 1)
    await sql`UPDATE webhook_endpoints SET paused_until = now()`.execute(service.db)
    await until(async () => receiver.received.length === 3)
  })

t.test('410 disables the endpoint at once; what comes waits until it is enabled', async (t) => {
  const METRICS_PORT = String(await freeTcpPort())
  const { service, receiver, endpoint } = await buildWithEndpoint(t, status(410), { METRICS_PORT })
  await tell(service.db, service.organization.id)
  await untilDelivery(service, endpoint.id, wasTried(1))
  const { disabled_at, disabled_reason } = await endpointOf(service, endpoint.id)
  t.ok(disabled_at)
  t.equal(disabled_reason, 'gone')
  receiver.answer = status(204)
  await tell(service.db, service.organization.id)
  await skipWaits(service)
  await untilOthersAreTold(t, service)
  t.equal(receiver.received.length, 1)
  t.equal((await deliveriesOf(service, endpoint.id)).filter(({ wake_at }) => wake_at).length, 2, 'both wait')
  const text = await (await fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`)).text()
  for (const line of [
    'webhook_endpoints_disabled 1',
    'webhook_oldest_pending_seconds 0',
    'webhook_deliveries_total{result="endpoint_disabled"} 1',
  ])
    t.match(text, `${line}\n`)
  await sql`UPDATE webhook_endpoints SET disabled_at = NULL, disabled_reason = NULL`.execute(service.db)
  const pending = await service.app.repositories.findWebhookFigures()
  t.ok(pending.oldest_pending_seconds > 0)
  await until(async () => receiver.received.length === 3)
})

t.test('an endpoint of which no attempt has succeeded for five days is disabled by the next that fails', async (t) => {
  const { service, endpoint } = await buildWithEndpoint(t, status(500))
  await sql`UPDATE webhook_endpoints SET failing_since = now() - interval '4 days 23 hours'`.execute(service.db)
  await tell(service.db, service.organization.id)
  await untilDelivery(service, endpoint.id, wasTried(1))
  t.equal((await endpointOf(service, endpoint.id)).disabled_at, null)
  await sql`UPDATE webhook_endpoints SET failing_since = now() - interval '5 days'`.execute(service.db)
  await skipWaits(service)
  await untilDelivery(service, endpoint.id, wasTried(2))
  t.match(await endpointOf(service, endpoint.id), { disabled_reason: 'failing' })
})
