// What becomes of an attempt: it is written down, counted, and one line of log. Of the URL only the host is logged: its path and
// query may hold a secret.
import type { FastifyInstance } from 'fastify'
import { slowDownSeconds, unsignedPauseSeconds } from '../../event-timings.ts'
import type { DueDelivery } from '../../repositories/due-deliveries.ts'
import type { Failure } from '../../repositories/failed-delivery.ts'
import { pauseAfter } from './schedule.ts'
import type { Outcome } from './send.ts'

/** What a receiver answers that is there no more, as Standard Webhooks has it. */
const goneStatus = 410
/** What it answers while it has too much to do. */
const busyStatuses = [429, 502, 504]

export interface DeliveryRecord {
  outcome(delivery: DueDelivery, outcome: Outcome): Promise<void>
  /** It was not tried to the end, because the service closes. */
  handedBack(delivery: DueDelivery): Promise<void>
  /** It was not tried, because its secret could not be opened. */
  unsigned(delivery: DueDelivery, err: Error): Promise<void>
}

/** What the operator can mend, where the word for the failure does not say it. */
const because = (failure: Failure): string =>
  failure === 'address' ? ', its host is not public and WEBHOOK_INSECURE_HOSTS does not name it' : ''

export function createRecord({ repositories, metrics, log }: FastifyInstance): DeliveryRecord {
  const count = (result: string) => metrics.webhookDeliveries.inc({ result })

  const namesOf = (
    { event_id, endpoint_id, organization_id, room_name, tries, url }: DueDelivery,
    outcome: Outcome,
  ) => {
    const { status, failure } = outcome
    const answer = { answer_status: status ?? undefined, failure: failure ?? undefined }
    const room = { room_name: room_name ?? undefined }
    // Not even the error about what is no URL: it quotes the whole of it.
    const host = URL.canParse(url) ? new URL(url).host : undefined
    return { event_id, endpoint_id, organization_id, ...room, tries: tries + 1, ...answer, host }
  }

  async function delivered(delivery: DueDelivery, outcome: Outcome, status: number): Promise<void> {
    if (!(await repositories.recordDelivered(delivery, status))) return count('overtaken')
    count('delivered')
    log.info(namesOf(delivery, outcome), 'webhook delivered')
  }

  async function failed(delivery: DueDelivery, outcome: Outcome, failure: Failure): Promise<void> {
    const { status, retryAfterSeconds } = outcome
    const pause = pauseAfter(delivery.tries + 1)
    const slowDown = status !== null && busyStatuses.includes(status) ? slowDownSeconds : null
    const recorded = await repositories.recordFailed(delivery, {
      failure,
      answer_status: status,
      again_seconds: pause === undefined ? null : Math.max(pause, retryAfterSeconds ?? 0),
      pause_seconds: retryAfterSeconds ?? slowDown,
      is_gone: status === goneStatus,
    })
    if (!recorded.was_recorded) return count('overtaken')
    const isGivenUp = pause === undefined
    count(isGivenUp ? 'given_up' : 'failed')
    const names = namesOf(delivery, outcome)
    const { disabled_reason } = recorded
    if (isGivenUp) log.warn(names, `webhook given up${because(failure)}: it is not tried again`)
    else if (disabled_reason === null) log.info(names, `webhook not delivered${because(failure)}: it is tried again`)
    if (disabled_reason === null) return
    count('endpoint_disabled')
    log.warn(
      { ...names, disabled_reason },
      'webhook endpoint disabled: what waits for it is kept for 30 days, and sent once it is enabled',
    )
  }

  return {
    outcome: async (delivery, outcome) =>
      outcome.failure === null
        ? delivered(delivery, outcome, outcome.status as number)
        : failed(delivery, outcome, outcome.failure),
    async handedBack(delivery) {
      count((await repositories.handBackDelivery(delivery)) ? 'handed_back' : 'overtaken')
    },
    async unsigned(delivery, err) {
      const { endpoint_id, organization_id } = delivery
      const isFirst = await repositories.pauseEndpoint(endpoint_id, unsignedPauseSeconds)
      await repositories.handBackDelivery(delivery)
      count('unsigned')
      if (!isFirst) return
      log.error({ err, endpoint_id, organization_id }, 'webhooks not sent: the endpoint is left alone for five minutes')
    },
  }
}
