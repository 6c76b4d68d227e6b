// Gauges that the database is asked for: NaN, and not what they were, where it cannot tell.
import type { FastifyInstance } from 'fastify'
import { Gauge, type Registry } from 'prom-client'
import { eventGaugeSeconds } from '../../event-timings.ts'
import { repeat } from '../../loop.ts'
import type { WebhookFigures } from '../../repositories/event-upkeep.ts'
import { auditIntervalSeconds } from '../../timings.ts'

/** The gauges of the invariants: 0, always. */
export type AuditGauges = Record<'creditDifference' | 'eventsMissing', Gauge>

async function counted(gauge: Gauge, count: () => Promise<number>): Promise<void> {
  try {
    gauge.set(await count())
  } catch (error) {
    gauge.set(Number.NaN)
    throw error
  }
}

/**
 * Adds up all books once, and counts the ends without an event; a gauge is NaN, not what it was, where that fails. It reads all
 * sessions, so it is not done whenever somebody scrapes.
 */
export function createAudit({ repositories }: FastifyInstance, gauges: AuditGauges): () => Promise<void> {
  return async () => {
    try {
      await counted(gauges.creditDifference, async () => {
        const differences = await repositories.findDifferences()
        return differences.reduce((sum, each) => sum + Math.abs(each.credit_difference), 0)
      })
    } finally {
      await counted(gauges.eventsMissing, () => repositories.countMissingEvents(eventGaugeSeconds))
    }
  }
}

export function addGauges(app: FastifyInstance, registry: Registry): void {
  const { repositories, log } = app
  const registers = [registry]
  const audited = (name: string, help: string) => {
    const gauge = new Gauge({ name, help, registers })
    gauge.set(Number.NaN)
    return gauge
  }
  const gauges = {
    creditDifference: audited(
      'credit_difference',
      'Credits by which the books of all organizations differ: 0, NaN while nobody could count',
    ),
    eventsMissing: audited(
      'events_missing',
      'Sessions that ended within a day and have no event, although their organization asked for events: 0, NaN while nobody could count',
    ),
  }
  repeat(app, 'audit', auditIntervalSeconds * 1000, createAudit(app, gauges))

  /** A gauge that is asked for whenever somebody scrapes. */
  const asked = (name: string, help: string, ask: () => Promise<number>) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        const value = await ask().catch((err) => {
          log.warn({ err }, `${name} not known`)
          return Number.NaN
        })
        this.set(value)
      },
    })
  let figures: Promise<WebhookFigures> | undefined
  /** Once for all gauges of a scrape. */
  const webhookFigures = () => {
    figures ??= repositories.findWebhookFigures().finally(() => {
      figures = undefined
    })
    return figures
  }
  asked(
    'sessions_past_wake',
    'Open sessions that nobody has looked at for a minute after their time had come: 0 while a reaper runs, NaN where nobody could count',
    () => repositories.countPastWake(),
  )
  asked(
    'livekit_webhook_last_seconds',
    'Seconds since a genuine event of LiveKit came to any replica, 10 more or less: +Inf where none ever came, NaN where nobody could tell',
    async () => {
      const { now, last_at } = await repositories.findLiveKitEventArrival()
      return last_at ? (now.getTime() - last_at.getTime()) / 1000 : Number.POSITIVE_INFINITY
    },
  )
  asked(
    'webhook_oldest_pending_seconds',
    'How long the delivery has waited that waits longest for an endpoint that is enabled: 0 where none does, NaN where nobody could tell',
    async () => (await webhookFigures()).oldest_pending_seconds,
  )
  asked(
    'webhook_endpoints_disabled',
    'Endpoints that are disabled: nothing is sent to them, NaN where nobody could count',
    async () => (await webhookFigures()).disabled_endpoints,
  )
}
