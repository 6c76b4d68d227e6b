// A customer with an endpoint, and the program that receives there; and time, which is moved instead of being waited for.
import { sql } from 'kysely'
import { until } from '../../../test/until.ts'
import { admin } from '../../admin.ts'
import { type Receiver, startReceiver } from '../../receiver.ts'
import { type Customer, createCustomer, type Stack } from '../../stack.ts'

export interface Told {
  customer: Customer
  endpointId: string
  receiver: Receiver
}

export async function createTold(stack: Stack, behave?: Receiver['behave'], credits = {}): Promise<Told> {
  const customer = await createCustomer(stack.db, credits)
  const receiver = await startReceiver(behave)
  const args = ['--org', customer.organizationId, '--url', receiver.url]
  const { id, secret } = await admin(stack, 'webhook', 'create', ...args)
  receiver.secret = secret
  return { customer, endpointId: id, receiver }
}

/** What is tried later is tried now; how many there were. */
export async function skipWaits({ db }: Stack): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    UPDATE webhook_deliveries SET wake_at = now() WHERE wake_at > now() + interval '45 s'`.execute(db)
  return Number(numAffectedRows)
}

async function countPending({ db }: Stack): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*)::int AS count FROM webhook_deliveries WHERE wake_at IS NOT NULL`.execute(db)
  return rows[0]?.count ?? 0
}

/** Until nothing waits to be delivered. */
export async function untilDelivered(stack: Stack, milliseconds: number): Promise<void> {
  const isDone = async () => {
    await skipWaits(stack)
    return (await countPending(stack)) === 0
  }
  await until(isDone, milliseconds, 'events wait to be delivered')
}
