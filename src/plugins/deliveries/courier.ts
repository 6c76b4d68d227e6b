// The courier: claims deliveries whose time has come and sends them, many at once, but not all for one organization, and one
// for each endpoint that fails. So nobody's events wait for the receiver of somebody else.
import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { deliveryGraceMilliseconds, deliveryIntervalSeconds, deliveryPauseMilliseconds } from '../../event-timings.ts'
import type { DueDelivery, FreePlaces, UnderWay } from '../../repositories/due-deliveries.ts'
import { open } from '../../webhook-secret.ts'
import { createRecord } from './record.ts'
import { send } from './send.ts'

/**
 * On one replica. Endpoints that fail have places of their own: a hundred of them that hang keep nobody else waiting. Half of the
 * places for the others are for organizations that have few: those that send much and hang keep nobody waiting, either.
 */
const places = { well: 200, failing: 100, perOrganization: 50, perEndpoint: 45, fair: 5, reserved: 100 }

export interface CourierOptions {
  /** To these, events may be sent without TLS, whatever their addresses are. */
  insecureHosts: string[]
  /** Opens the secrets where they are stored encrypted. */
  secretKey: Buffer | undefined
}

export interface Courier {
  /** Sends what is due, and what becomes due meanwhile, until nothing is on its way. */
  round(): Promise<void>
  /** Begins nothing any more. */
  stop(): void
  /** Gives what is on its way a second to arrive, and hands the rest back. */
  close(): Promise<void>
}

export function createCourier(app: FastifyInstance, { insecureHosts, secretKey }: CourierOptions): Courier {
  const { repositories, log } = app
  const record = createRecord(app)
  const underWay = new Map<DueDelivery, Promise<void>>()
  const closing = new AbortController()
  // Each attempt listens.
  setMaxListeners(0, closing.signal)
  let isStopped = false
  let pause = new AbortController()

  function freePlaces(): FreePlaces {
    const [well, failing]: [UnderWay, UnderWay] = [{}, {}]
    for (const { is_failing, organization_id, endpoint_id } of underWay.keys()) {
      const counts = is_failing ? failing : well
      for (const id of [organization_id, endpoint_id]) counts[id] = (counts[id] ?? 0) + 1
    }
    const failingCount = [...underWay.keys()].filter(({ is_failing }) => is_failing).length
    return {
      ...places,
      well: places.well - (underWay.size - failingCount),
      failing: places.failing - failingCount,
      wellUnderWay: well,
      failingUnderWay: failing,
    }
  }

  function secretsOf({ secret, previous_secret }: DueDelivery): string[] | Error {
    const stored = [secret, previous_secret].filter((each) => each !== null)
    try {
      return stored.map((each) => open(each, secretKey))
    } catch (error) {
      return error as Error
    }
  }

  async function attempt(delivery: DueDelivery): Promise<void> {
    const secrets = secretsOf(delivery)
    if (secrets instanceof Error) return record.unsigned(delivery, secrets)
    const outcome = isStopped ? undefined : await send(delivery, secrets, insecureHosts, closing.signal)
    if (outcome) await record.outcome(delivery, outcome)
    else await record.handedBack(delivery)
  }

  function begin(delivery: DueDelivery): void {
    const { event_id, endpoint_id, organization_id, room_name } = delivery
    const attempted = attempt(delivery)
      // The claim ends by itself.
      .catch((err) =>
        log.error(
          { err, event_id, endpoint_id, organization_id, room_name },
          'webhook: what became of it could not be written down, so it is sent again',
        ),
      )
      .finally(() => {
        underWay.delete(delivery)
        pause.abort()
      })
    underWay.set(delivery, attempted)
  }

  return {
    async round() {
      while (!isStopped) {
        pause = new AbortController()
        const { signal } = pause
        for (const delivery of await repositories.claimDeliveries(freePlaces())) begin(delivery)
        if (underWay.size === 0) return
        // Whoever ends makes room at once.
        await sleep(deliveryIntervalSeconds * 1000, undefined, { signal }).catch(() => undefined)
        await sleep(deliveryPauseMilliseconds)
      }
    },
    stop() {
      isStopped = true
      pause.abort()
    },
    async close() {
      const grace = new AbortController()
      const all = Promise.all(underWay.values()).finally(() => grace.abort())
      await sleep(deliveryGraceMilliseconds, undefined, { signal: grace.signal }).catch(() => undefined)
      closing.abort()
      await all
    },
  }
}
