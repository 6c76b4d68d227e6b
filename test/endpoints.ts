// Endpoints as the tests of the command line make them, and what became of their deliveries, as a service would write it.
import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import { admin } from './command-line.ts'
import { cloneDatabase, type Service } from './helper.ts'
import { query } from './processes.ts'

/**
 * A new endpoint of the service's organization: what `webhook create` printed. The service leaves it alone for a day, as if it had
 * asked for that, so that its deliveries are as the test writes them.
 */
export async function createEndpoint(t: Test, { organization }: Service, ...args: string[]) {
  const url = await cloneDatabase()
  const hook = `https://app.example/hooks/${randomUUID()}`
  const create = ['webhook', 'create', '--org', organization.id, '--url', hook, ...args]
  const created = await admin(t, url, ...create)
  const pause = "UPDATE webhook_endpoints SET paused_until = now() + interval '1 day' WHERE id = $1"
  await query(pause, [created.id], url)
  return created
}

/** Writes into all deliveries of an endpoint, or into that of one event. */
export const setDeliveries = async (endpoint: string, set: string, event = '%') =>
  query(
    `UPDATE webhook_deliveries SET ${set} WHERE endpoint_id = $1 AND event_id LIKE $2`,
    [endpoint, event],
    await cloneDatabase(),
  )
export const delivered =
  'wake_at = NULL, delivered_at = now(), tried_at = now(), tries = 1, attempt = 1, answer_status = 204'
export const givenUp =
  "wake_at = NULL, given_up_at = now(), tried_at = now(), tries = 10, attempt = 10, answer_status = 500, failure = 'status'"
