// refuse: what a refusal costs beside a creation. Whoever is refused must be cheap, or refusing is no protection.
import { randomUUID } from 'node:crypto'
import { type Customer, createCustomer } from '../accept/customer.ts'
import { generateApiKey } from '../src/api-key.ts'
import { service } from './contestants.ts'
import { type Contestant, load, median } from './load.ts'
import { type Outcome, rounded } from './outcome.ts'
import { startParts } from './parts.ts'

export async function refuse({ short }: { short: boolean }): Promise<Outcome> {
  const parts = await startParts()
  // Every request comes from an address of its own: bad keys are counted for each.
  const replica = await parts.startService({ TRUST_PROXY: 'true' })
  const poor: Customer[] = []
  for (const _ of parts.customers) poor.push(await createCustomer(parts.db, { credits: 0 }))
  const good = service(replica, parts.customers)
  let sent = 0
  const answering = (
    status: number,
    customers: Customer[],
    change: () => Partial<Customer> = () => ({}),
  ): Contestant => ({
    ...good,
    name: String(status),
    accepts: (answered) => answered === status,
    next: () => {
      sent++
      const { key, agentId: agent_id } = { ...(customers[sent % customers.length] as Customer), ...change() }
      const address = `10.${(sent >> 16) & 255}.${(sent >> 8) & 255}.${sent & 255}`
      const headers = { 'x-api-key': key, 'content-type': 'application/json', 'x-forwarded-for': address }
      return { path: '/v1/chat/voice-sessions', headers, body: JSON.stringify({ agent_id }) }
    },
  })
  const contestants = [
    answering(200, parts.customers),
    answering(401, parts.customers, () => ({ key: generateApiKey() })),
    answering(404, parts.customers, () => ({ agentId: randomUUID() })),
    answering(402, poor),
  ].map((contestant) => ({ contestant, rates: [] as number[], p50s: [] as number[] }))
  const [rounds, milliseconds] = short ? [2, 1000] : [5, 3000]
  for (let round = 0; round <= rounds; round++) {
    for (const { contestant, rates, p50s } of contestants) {
      const { rate, p50 } = await load(contestant, { concurrency: 16, milliseconds })
      await parts.clean()
      if (round === 0) continue
      rates.push(rate)
      p50s.push(p50)
    }
  }
  await parts.stop()
  const created = median(contestants[0]?.rates ?? [])
  const figures = contestants.map(({ contestant, rates, p50s }) => ({
    status: contestant.name,
    per_second: median(rates),
    p50_ms: median(p50s),
  }))
  return {
    rows: figures.map(({ status, per_second, p50_ms }) => ({
      status,
      per_second: rounded(per_second),
      p50_ms: rounded(p50_ms),
      beside_200: rounded(per_second / created),
    })),
    targets: figures
      .slice(1)
      .map(({ status, per_second }) => ({ what: `${status} beside 200`, reached: per_second / created, least: 4 })),
  }
}
