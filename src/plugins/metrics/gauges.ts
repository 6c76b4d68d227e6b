// Gauges that the database is asked for: NaN, and not what they were, where it cannot tell.
import type { FastifyInstance } from 'fastify'
import { Gauge, type Registry } from 'prom-client'
import { repeat } from '../../loop.ts'
import { auditIntervalSeconds } from '../../timings.ts'

/**
 * Adds up all books once and sets the gauge; to NaN, not to what it was, where that fails. It reads all sessions, so it is
 * not done whenever somebody scrapes.
 */
export function createAudit({ repositories }: FastifyInstance, gauge: Gauge): () => Promise<void> {
  return async () => {
    const differences = await repositories.findDifferences().catch((error) => {
      gauge.set(Number.NaN)
      throw error
    })
    gauge.set(differences.reduce((sum, { credit_difference }) => sum + Math.abs(credit_difference), 0))
  }
}

export function addGauges(app: FastifyInstance, registry: Registry): void {
  const { repositories, log } = app
  const registers = [registry]
  const difference = new Gauge({
    name: 'credit_difference',
    help: 'Credits by which the books of all organizations differ: 0, NaN while nobody could count',
    registers,
  })
  difference.set(Number.NaN)
  repeat(app, 'audit', auditIntervalSeconds * 1000, createAudit(app, difference))

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
  asked(
    'sessions_past_wake',
    'Open sessions that nobody has looked at for a minute after their time had come: 0 while a reaper runs, NaN where nobody could count',
    () => repositories.countPastWake(),
  )
  asked(
    'livekit_webhook_last_seconds',
    'Seconds since a genuine event of LiveKit came to any replica, 10 more or less: +Inf where none ever came, NaN where nobody could tell',
    async () => {
      const { now, last_at } = await repositories.findEventArrival()
      return last_at ? (now.getTime() - last_at.getTime()) / 1000 : Number.POSITIVE_INFINITY
    },
  )
}
