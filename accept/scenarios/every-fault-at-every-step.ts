// faults: each trouble of PostgreSQL or LiveKit begins at each step of a create. The documented answer comes within 12 s,
// nothing is lost, and once the trouble is healed the service is well again and the same key completes.
import { randomUUID } from 'node:crypto'
import { findCredits } from '../../src/repositories/organizations.ts'
import { checkBooks, must, until, untilSettled } from '../check.ts'
import { create, createUntilAnswered, type Tally, untilSprung } from '../client.ts'
import { type Proxied, startProxied } from '../proxied.ts'
import { type Trouble, troubles } from '../proxy.ts'
import { hasExited } from '../replica.ts'
import type { Scenario } from '../scenario.ts'
import { type Customer, createCustomer, type Stack, startStack } from '../stack.ts'
import { statements } from '../statements.ts'

const answeredWithin = 12_000
const wellWithin = 5000
const completedWithin = 30_000
const credits = 1000
const parts = ['postgres', 'livekit'] as const
type Part = (typeof parts)[number]

const steps = [
  { name: 'key lookup', ...statements.findCaller },
  { name: 'agent lookup', ...statements.findAgent },
  { name: 'hold', ...statements.hold },
  { name: 'create room', ...statements.createRoom },
  { name: 'activate', ...statements.activate },
]
type Step = (typeof steps)[number]

/** One trouble of one part, which meets a replica of its own. */
interface Lane extends Proxied {
  part: Part
  trouble: Trouble
}

const livekitFailed = 'Failed to create voice session: LiveKit connection failed'
const unavailable = 'Service temporarily unavailable'

const isWell = async ({ replica }: Lane, customer: Customer, tally: Tally) =>
  (await create(replica.url, customer, { tally })).status === 200

/** Lets the trouble begin at this step; the milliseconds that the answer took, and what repeats the request. */
async function meet(stack: Stack, lane: Lane, step: Step, tally: Tally) {
  const { part, trouble, replica, proxies } = lane
  const customer = await createCustomer(stack.db, { credits })
  const options = { idempotencyKey: randomUUID(), tally }
  const what = `${trouble} of ${part} at ${step.name}`
  const spring = () => {
    proxies[part].afflict(trouble)
    return 'passes' as const
  }
  const roomsAskedFor = proxies.livekit.count(statements.createRoom.pattern)
  const hasSprung = proxies[step.part].set({ pattern: step.pattern, at: 'question', spring })
  let startedAt = 0
  const { status, headers, json } = await untilSprung(hasSprung, () => {
    startedAt = performance.now()
    return create(replica.url, customer, options)
  })
  const took = Math.round(performance.now() - startedAt)
  const { available, held } = await findCredits(stack.db, customer.organizationId)
  await proxies[part].heal()

  const answer = `${what}: ${status} ${JSON.stringify(json)} after ${took} ms`
  must(took < answeredWithin, answer)
  if (part === 'postgres') {
    must(status === 503 && json.detail === unavailable && headers.get('retry-after') === '1', answer)
    const isBeforeTheRoom = step.part === 'postgres' && step.name !== 'activate'
    const asked = proxies.livekit.count(statements.createRoom.pattern) - roomsAskedFor
    must(!isBeforeTheRoom || asked === 0, `${what}: LiveKit was called`)
  } else if (step.name === 'activate') {
    must(status === 200, answer)
  } else {
    must(status === 500 && json.detail === livekitFailed, answer)
    must(available === credits && held === 0, `${what}: ${held} credits were not returned before the answer`)
  }
  const isNot = `${what}: the service is not well again`
  const wellAfter = await until(() => isWell(lane, customer, tally), wellWithin, isNot)
  const complete = async () => {
    const repeated = await createUntilAnswered([replica], customer, { ...options, maxMilliseconds: completedWithin })
    must(repeated.status === 200, `${what}: the same key gives ${repeated.status} afterwards`)
  }
  return { took, wellAfter, complete }
}

async function run(stack: Stack, lane: Lane, tally: Tally) {
  const customer = await createCustomer(stack.db)
  await until(() => isWell(lane, customer, tally), wellWithin, 'a replica is not well')
  const met: Awaited<ReturnType<typeof meet>>[] = []
  for (const step of steps) met.push(await meet(stack, lane, step, tally))
  await Promise.all(met.map(({ complete }) => complete()))
  must(!(await hasExited(lane.replica)), `${lane.trouble} of ${lane.part}: the replica has exited`)
  return met
}

export const faults: Scenario = async () => {
  const stack = await startStack()
  const pairs = parts.flatMap((part) => troubles.map((trouble) => ({ part, trouble })))
  const lanes = await Promise.all(pairs.map(async (pair) => ({ ...pair, ...(await startProxied(stack)) })))
  const tally: Tally = {}
  const met = (await Promise.all(lanes.map((lane) => run(stack, lane, tally)))).flat()
  const settled = await untilSettled(stack)
  await checkBooks(stack, tally)
  await stack.stop()
  return {
    faults: met.length,
    slowest_answer_ms: Math.max(...met.map(({ took }) => took)),
    slowest_recovery_ms: Math.max(...met.map(({ wellAfter }) => wellAfter)),
    ...settled,
    tally,
  }
}
