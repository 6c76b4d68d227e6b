// refuse: what a refusal costs beside a creation. Where it costs as much, refusing is no protection.
import { randomUUID } from 'node:crypto'
import type { Customer } from '../accept/customer.ts'
import { generateApiKey } from '../src/api-key.ts'
import { createRequest, inTurn } from './contestants.ts'
import { createCustomers } from './crowd.ts'
import { medians, playRounds } from './figures.ts'
import { type Load, load } from './load.ts'
import type { Outcome } from './outcome.ts'
import { startParts } from './parts.ts'

export async function refuse({ short }: { short: boolean }): Promise<Outcome> {
  const parts = await startParts()
  const { url } = await parts.startService({ TRUST_PROXY: 'true' })
  const poor = await createCustomers(parts.db, 16, 0)
  let sent = 0
  /** Bad keys are counted for each address, so every request comes from an address of its own. */
  const nextAddress = () => ['10', ...[++sent >> 16, sent >> 8, sent].map((number) => number & 255)].join('.')

  const answering = (status: number, customers: Customer[], change = (): Partial<Customer> => ({})) => {
    const nextCustomer = inTurn(customers)
    const next = () => {
      const request = createRequest({ ...nextCustomer(), ...change() })
      return { ...request, headers: { ...request.headers, 'x-forwarded-for': nextAddress() } }
    }
    return { status, url, accepts: [status], next }
  }
  const contestants = [
    answering(200, parts.customers),
    answering(401, parts.customers, () => ({ key: generateApiKey() })),
    answering(404, parts.customers, () => ({ agentId: randomUUID() })),
    answering(402, poor),
  ]
  const [count, milliseconds] = short ? [2, 1000] : [5, 3000]
  const rounds = await playRounds(count, async () => {
    const loads: Load[] = []
    for (const contestant of contestants) {
      loads.push(await load(contestant, 16, milliseconds))
      await parts.clean()
    }
    return loads
  })
  await parts.stop()
  const figures = contestants.map((_, index) => medians(rounds.map((loads) => ({ ...(loads[index] as Load) }))))
  const rows = contestants.map(({ status }, index) => {
    const { rate, p50 } = figures[index] as Load
    return { status, per_second: rate, p50_ms: p50, beside_200: rate / (figures[0] as Load).rate }
  })
  const targets = rows.slice(1).map(({ status, beside_200 }) => {
    return { what: `${status} beside 200`, reached: beside_200, least: 4 }
  })
  return { rows, targets }
}
