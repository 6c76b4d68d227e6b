// burst: 2,000 creates at once over two replicas, credits for 200 minutes. Exactly 200 succeed.
import { findOrganization } from '../../src/repositories/organizations.ts'
import { checkBooks, must } from '../check.ts'
import { createUntilAnswered, type Tally } from '../client.ts'
import type { Scenario } from '../scenario.ts'
import { createCustomer, startStack } from '../stack.ts'

const rate = 10
const affordable = 200

export const burst: Scenario = async ({ short }) => {
  const creates = short ? 500 : 2000
  // No agent comes; no session is to end for that, and give its credits back, while a slow machine still creates others.
  const stack = await startStack({ replicas: 2, environment: () => ({ AGENT_JOIN_SECONDS: '60' }) })
  const customer = await createCustomer(stack.db, { credits: affordable * rate, rate })
  const tally: Tally = {}
  const startedAt = performance.now()
  const answers = await Promise.all(
    Array.from({ length: creates }, () => createUntilAnswered(stack.replicas, customer, { tally })),
  )
  const seconds = (performance.now() - startedAt) / 1000
  const count = (status: number) => answers.filter((answer) => answer.status === status).length
  const rooms = await stack.rooms.listRooms()
  const organization = await findOrganization(stack.db, customer.organizationId)

  must(count(200) === affordable, `${count(200)} of ${affordable} were created: ${JSON.stringify(tally)}`)
  must(count(402) === creates - affordable, `${count(402)} were refused as 402`)
  must(organization?.credits === 0, `the balance is ${organization?.credits}`)
  must(rooms.length === affordable, `there are ${rooms.length} rooms`)
  await checkBooks(stack, tally)
  await stack.stop()
  return { creates, created: count(200), refused: count(402), balance: 0, rooms: rooms.length, seconds, tally }
}
