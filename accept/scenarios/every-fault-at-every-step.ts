// faults: each fault of PostgreSQL or LiveKit begins at each step of a create. The documented answer comes within 12 s,
// nothing is lost, and once the fault is over the service works again and the same Idempotency-Key completes.
import { randomUUID } from 'node:crypto'
import { findCredits } from '../../src/repositories/organizations.ts'
import type { Fault } from '../../test/proxy.ts'
import { until } from '../../test/until.ts'
import { checkBooks, must, timeUntil, untilSettled } from '../check.ts'
import { create, createUntilAnswered, type Tally, untilMet } from '../client.ts'
import { type Proxied, startProxied } from '../proxied.ts'
import { hasExited } from '../replica.ts'
import type { Scenario } from '../scenario.ts'
import { type Customer, createCustomer, type Stack, startStack } from '../stack.ts'

const answeredWithin = 12_000
const wellWithin = 5000
const completedWithin = 30_000
const credits = 1000
const parts = ['postgres', 'livekit'] as const
type Part = (typeof parts)[number]

/** What goes wrong, and how the proxy in front of the part does it. */
const faultsByName = {
  'answers late': { delayMilliseconds: 5000 },
  'refuses connections': 'refuse',
  'resets connections': 'reset',
  'cuts its answers': 'cut answer',
  'does not answer': 'hang',
} satisfies Record<string, Fault>
type FaultName = keyof typeof faultsByName

const steps = [
  { name: 'key lookup', part: 'postgres', request: 'findCaller' },
  { name: 'agent lookup', part: 'postgres', request: 'findAgent' },
  { name: 'hold', part: 'postgres', request: 'holdMinute' },
  { name: 'create room', part: 'livekit', request: 'CreateRoom' },
  { name: 'activate', part: 'postgres', request: 'activate' },
] as const
type Step = (typeof steps)[number]

/** One replica, for one fault of one part. */
interface Victim extends Proxied {
  part: Part
  faultName: FaultName
}

const livekitFailed = 'Failed to create voice session: LiveKit connection failed'
const unavailable = 'Service temporarily unavailable'

const isWell = async ({ replica }: Victim, customer: Customer, tally: Tally) =>
  (await create(replica.url, customer, { tally })).status === 200

/** The fault begins at this step; the milliseconds that the answer took, and what repeats the request. */
async function meet(stack: Stack, victim: Victim, step: Step, tally: Tally) {
  const { part, faultName, replica, proxies } = victim
  const customer = await createCustomer(stack.db, { credits })
  const options = { idempotencyKey: randomUUID(), tally }
  const what = `${part} ${faultName} at ${step.name}`
  const roomsAskedFor = proxies.livekit.count('CreateRoom')
  const isMet = proxies[step.part].when(step.request, { before: () => proxies[part].set(faultsByName[faultName]) })
  let startedAt = 0
  const { status, headers, json } = await untilMet(isMet, () => {
    startedAt = performance.now()
    return create(replica.url, customer, options)
  })
  const took = Math.round(performance.now() - startedAt)
  const { available, held } = await findCredits(stack.db, customer.organizationId)
  await proxies[part].set('pass')

  const answer = `${what}: ${status} ${JSON.stringify(json)} after ${took} ms`
  must(took < answeredWithin, answer)
  if (part === 'postgres') {
    must(status === 503 && json.detail === unavailable && headers.get('retry-after') === '1', answer)
    const isBeforeTheRoom = step.part === 'postgres' && step.name !== 'activate'
    const asked = proxies.livekit.count('CreateRoom') - roomsAskedFor
    must(!isBeforeTheRoom || asked === 0, `${what}: LiveKit was called`)
  } else if (step.name === 'activate') {
    must(status === 200, answer)
  } else {
    must(status === 500 && json.detail === livekitFailed, answer)
    must(available === credits && held === 0, `${what}: ${held} credits were not returned before the answer`)
  }
  const isNot = `${what}: the service is not well again`
  const wellAfter = await timeUntil(() => isWell(victim, customer, tally), wellWithin, isNot)
  const complete = async () => {
    const repeated = await createUntilAnswered([replica], customer, { ...options, maxMilliseconds: completedWithin })
    must(repeated.status === 200, `${what}: the same key gives ${repeated.status} afterwards`)
  }
  return { took, wellAfter, complete }
}

async function run(stack: Stack, victim: Victim, tally: Tally) {
  const customer = await createCustomer(stack.db)
  await until(() => isWell(victim, customer, tally), wellWithin, 'a replica is not well')
  const met: Awaited<ReturnType<typeof meet>>[] = []
  for (const step of steps) met.push(await meet(stack, victim, step, tally))
  await Promise.all(met.map(({ complete }) => complete()))
  must(!(await hasExited(victim.replica)), `${victim.part} ${victim.faultName}: the replica has exited`)
  return met
}

export const faults: Scenario = async () => {
  const stack = await startStack()
  const pairs = parts.flatMap((part) =>
    (Object.keys(faultsByName) as FaultName[]).map((faultName) => ({ part, faultName })),
  )
  const victims = await Promise.all(pairs.map(async (pair) => ({ ...pair, ...(await startProxied(stack)) })))
  const tally: Tally = {}
  const met = (await Promise.all(victims.map((victim) => run(stack, victim, tally)))).flat()
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
