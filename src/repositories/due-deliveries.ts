// Deliveries whose time has come: which of them are claimed next, so that nobody's wait for somebody else's receiver.
import { type RawBuilder, sql } from 'kysely'
import { deliveryClaimSeconds } from '../event-timings.ts'
import type { Db } from './schema.ts'
import { execute, seconds } from './statement.ts'

/** A delivery whose time has come, with all that is needed to send it. */
export interface DueDelivery {
  event_id: string
  endpoint_id: string
  organization_id: string
  /** Of events of calls. */
  room_name: string | null
  attempt: number
  /** How many attempts of the schedule were made before this one. */
  tries: number
  body: string
  url: string
  /** As they are stored; the previous one, while it signs, too. */
  secret: string
  previous_secret: string | null
  /** Whether no attempt has succeeded since one has failed. */
  is_failing: boolean
}

/** How many attempts are under way, by the id of an organization or of an endpoint. */
export type UnderWay = Record<string, number>

/** The places that are free for attempts: in all, for endpoints that go well and for those that fail. */
export interface FreePlaces {
  well: number
  failing: number
  /** How many an organization, and an endpoint, has at most where all goes well; more than `fair` only while more than `reserved` are free. */
  perOrganization: number
  perEndpoint: number
  fair: number
  reserved: number
  wellUnderWay: UnderWay
  failingUnderWay: UnderWay
}

/** So many endpoints are looked at in one claim, which is short then, however many there are. */
const maxEndpoints = 1000

/** In the order of the index that has those alone which wait. */
const first = sql`ORDER BY endpoint_id, wake_at LIMIT 1`
const firstWaiting = sql`(SELECT endpoint_id FROM webhook_deliveries WHERE wake_at IS NOT NULL ${first})`
/** The endpoint behind this one for which something waits. */
const nextWaiting = (id: RawBuilder<unknown>) =>
  sql`(SELECT endpoint_id FROM webhook_deliveries WHERE wake_at IS NOT NULL AND endpoint_id > ${id} ${first})`

const countOf = (underWay: UnderWay, id: string) =>
  sql`COALESCE((${JSON.stringify(underWay)}::jsonb ->> ${sql.ref(id)}::text)::int, 0)`

/**
 * Claims deliveries whose time has come, to enabled endpoints that need not be left alone, at most one for each that fails. Only
 * endpoints that something waits for are looked at, from any of them around to the same, a few rows of each, however many wait. Who
 * has fewer under way comes first, among organizations and among the endpoints of one. No two attempts ever claim the same one.
 */
export async function claimDeliveries(db: Db, free: FreePlaces): Promise<DueDelivery[]> {
  const { wellUnderWay, failingUnderWay } = free
  const claim = sql<DueDelivery>`
    WITH RECURSIVE waiting AS (
      SELECT COALESCE(${nextWaiting(sql`(SELECT gen_random_uuid())`)}, ${firstWaiting}) AS id
      UNION
      SELECT COALESCE(${nextWaiting(sql`waiting.id`)}, ${firstWaiting}) FROM waiting WHERE waiting.id IS NOT NULL
    ),
    known AS (
      SELECT w.id, w.organization_id, w.failing_since IS NOT NULL AS is_failing,
        CASE WHEN w.failing_since IS NULL THEN ${countOf(wellUnderWay, 'w.id')} ELSE ${countOf(failingUnderWay, 'w.id')} END AS own,
        CASE WHEN w.failing_since IS NULL THEN ${countOf(wellUnderWay, 'w.organization_id')}
             ELSE ${countOf(failingUnderWay, 'w.organization_id')} END AS all_own
      FROM (SELECT id FROM waiting LIMIT ${maxEndpoints}::int) AS waiting JOIN webhook_endpoints w ON w.id = waiting.id
      WHERE w.disabled_at IS NULL AND COALESCE(w.paused_until <= now(), true)
    ),
    endpoint AS MATERIALIZED (
      SELECT *, CASE WHEN is_failing THEN 1 - own
          ELSE LEAST(${free.perOrganization}::int - all_own, ${free.perEndpoint}::int - own) END AS free,
        GREATEST(${free.fair}::int, ${free.well}::int / count(*) OVER ()) AS most
      FROM known
    ),
    next AS MATERIALIZED (
      SELECT d.event_id, e.*, d.wake_at, own + row_number() OVER (PARTITION BY e.id ORDER BY d.wake_at) AS turn
      FROM endpoint e, LATERAL (
        SELECT event_id, wake_at FROM webhook_deliveries
        WHERE endpoint_id = e.id AND wake_at < now() ORDER BY wake_at LIMIT GREATEST(LEAST(e.free, e.most), 0)
        FOR NO KEY UPDATE SKIP LOCKED
      ) AS d
    ),
    due AS (
      SELECT *, row_number() OVER (PARTITION BY is_failing, organization_id ORDER BY turn, wake_at) AS place FROM next
    ),
    ranked AS (
      SELECT event_id, id AS endpoint_id, is_failing, all_own + place > ${free.fair}::int AS is_more,
        row_number() OVER (PARTITION BY is_failing ORDER BY all_own + place, random()) AS rank
      FROM due WHERE is_failing OR all_own + place <= ${free.perOrganization}::int
    ),
    chosen AS (
      SELECT * FROM ranked WHERE rank <= CASE WHEN is_failing THEN ${free.failing}::int
        WHEN is_more THEN ${free.well - free.reserved}::int ELSE ${free.well}::int END
    )
    UPDATE webhook_deliveries d
    SET attempt = d.attempt + 1, wake_at = now() + ${seconds(deliveryClaimSeconds)}
    FROM chosen, webhook_endpoints w, events e
    WHERE d.event_id = chosen.event_id AND d.endpoint_id = chosen.endpoint_id AND w.id = d.endpoint_id AND e.id = d.event_id
    RETURNING d.event_id, d.endpoint_id, w.organization_id, e.room_name, d.attempt, d.tries, e.body, w.url, w.secret,
              CASE WHEN w.previous_until > now() THEN w.previous_secret END AS previous_secret, chosen.is_failing`
  return execute(db, 'claimDeliveries', claim)
}
