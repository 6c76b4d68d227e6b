// A customer's program that receives events, and what waits to be delivered to it.
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Selectable, sql } from 'kysely'
import type { Test } from 'tap'
import type { WebhookDeliveries, WebhookEndpoints } from '../src/repositories/event-tables.ts'
import type { Db } from '../src/repositories/schema.ts'
import { generateWebhookSecret } from '../src/webhook-secret.ts'
import { build, type Service, seedOrganization } from './helper.ts'
import { until as within } from './until.ts'

/** A busy machine may take long. */
export const until = <T>(probe: () => Promise<T | undefined | false>) => within(probe, 60_000)

/** The service may send to this machine. */
export const insecure = { WEBHOOK_INSECURE_HOSTS: '127.0.0.1, localhost' }

export interface Received {
  headers: IncomingHttpHeaders
  id: string
  body: string
  path: string
}

export type Answer = (response: ServerResponse, received: Received, request: IncomingMessage) => void
export const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(code, headers).end('what a receiver says')
/** Never answers. */
export const hang: Answer = () => {}

/** Keeps what comes; `answer` can be changed. */
export async function startReceiver(t: Test, answer: Answer = status(204)) {
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    const received = {
      headers: request.headers,
      id: String(request.headers['webhook-id']),
      body,
      path: request.url ?? '',
    }
    receiver.received.push(received)
    receiver.answer(response, received, request)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  const receiver = { port, url: `http://127.0.0.1:${port}/events?key=canary`, received: [] as Received[], answer }
  return receiver
}

/** The service, which may send to this machine, with an endpoint of its organization at a receiver. */
export async function buildWithEndpoint(t: Test, answer?: Answer, changes = {}, seed = {}) {
  const receiver = await startReceiver(t, answer)
  const service = await build(t, { ...insecure, ...changes }, seed)
  return { service, receiver, endpoint: await addEndpoint(service.db, service.organization.id, receiver.url) }
}

/** From now on the organization is told there. */
export async function addEndpoint(db: Db, organizationId: string, url: string, stored = generateWebhookSecret()) {
  const endpoint = { organization_id: organizationId, url, secret: stored }
  const { id } = await db.insertInto('webhook_endpoints').values(endpoint).returning('id').executeTakeFirstOrThrow()
  await sql`UPDATE organizations SET events_since = clock_timestamp() WHERE id = ${organizationId}`.execute(db)
  return { id, secret: stored }
}

/** Events that the organization is told; their bodies and ids, the oldest first. */
export async function tell(db: Db, organizationId: string, count = 1): Promise<{ id: string; body: string }[]> {
  const before = sql<{ at: Date }>`SELECT clock_timestamp() AS at`
  const [{ at } = { at: new Date() }] = (await before.execute(db)).rows
  await sql`
    SELECT record_event(${organizationId}, 'credit.low', NULL, shown_credits(${organizationId}))
    FROM generate_series(1, ${count}::int)`.execute(db)
  const events = db.selectFrom('events').select(['id', 'body']).where('organization_id', '=', organizationId)
  return events.where('events.created_at', '>=', at).execute()
}

export const deliveriesOf = async ({ db }: Pick<Service, 'db'>, endpointId: string) =>
  (await db
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('endpoint_id', '=', endpointId)
    .execute()) as unknown as Selectable<WebhookDeliveries>[]

export const endpointOf = async ({ db }: Pick<Service, 'db'>, id: string) =>
  (await db
    .selectFrom('webhook_endpoints')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow()) as unknown as Selectable<WebhookEndpoints>

/** Time is moved, not waited for: what is tried later is tried now. What is under way stays so. */
export const skipWaits = ({ db }: Pick<Service, 'db'>) =>
  sql`UPDATE webhook_deliveries SET wake_at = now() WHERE wake_at > now() + interval '41 s' OR wake_at < now() + interval '10 s'`.execute(
    db,
  )

/** Until the delivery to the endpoint, the only one, is as the check wants it; it. */
export const untilDelivery = (
  service: Pick<Service, 'db'>,
  id: string,
  isSo: (row: Selectable<WebhookDeliveries>) => unknown,
) => until(async () => (await deliveriesOf(service, id)).find(isSo))

/**
 * Until an event of somebody else has come, and another one: what is due has been looked for meanwhile. So whatever has not come
 * then was left alone.
 */
export async function untilOthersAreTold(t: Test, { db }: Pick<Service, 'db'>) {
  const { id } = await seedOrganization(db)
  const { received, url } = await startReceiver(t)
  await addEndpoint(db, id, url)
  for (const count of [1, 2]) {
    await tell(db, id)
    await until(async () => received.length === count)
  }
}

export const isDelivered = (row: Selectable<WebhookDeliveries>) => row.delivered_at
export const wasTried = (times: number) => (row: Selectable<WebhookDeliveries>) => row.tries >= times
