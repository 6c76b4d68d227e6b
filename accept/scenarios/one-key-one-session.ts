// idempotency: one key × 100 at once over two replicas makes one session that holds one minute; afterwards the key gives
// that session while it is open or was charged, and begins a new one otherwise.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAgent } from '../../src/repositories/agents.ts'
import { grantCredits } from '../../src/repositories/credit-grants.ts'
import { findCredits } from '../../src/repositories/organizations.ts'
import { listSessions } from '../../src/repositories/voice-sessions.ts'
import { checkBooks, must } from '../check.ts'
import { type Answer, create, createUntilAnswered, endUntilAnswered, type Tally } from '../client.ts'
import type { Scenario } from '../scenario.ts'
import { type Customer, createCustomer, type Stack, startStack } from '../stack.ts'
import { talk } from '../talk.ts'

const atOnce = 100
const rate = 10
const credits = 1000

const isReplay = ({ headers }: Answer) => headers.get('idempotency-replayed') === 'true'

/** The same in every token of a session; only nbf says when it was made. */
function claims({ json }: Answer): string {
  const { nbf, ...rest } = JSON.parse(Buffer.from(json.token.split('.')[1], 'base64url').toString())
  return JSON.stringify(rest)
}

/** How many of the requests got the session; the others were told that it is still being made. */
async function race(stack: Stack, tally: Tally): Promise<number> {
  const customer = await createCustomer(stack.db, { credits, rate })
  const options = { idempotencyKey: randomUUID(), tally }
  const racer = async (_: unknown, index: number) => {
    for (;;) {
      const answer = await create(stack.replicas[index % 2]?.url as string, customer, options)
      if (answer.status !== 503) return answer
      await sleep(1000)
    }
  }
  const answers = await Promise.all(Array.from({ length: atOnce }, racer))
  const given = answers.filter(({ status }) => status === 200)
  const roomName = given[0]?.json.room_name
  must(given.length > 0, 'nobody got the session')
  must(
    answers.every(({ status }) => status === 200 || status === 409),
    `answers: ${JSON.stringify(tally)}`,
  )
  must(
    given.every(({ json }) => json.room_name === roomName),
    'one key gave two sessions',
  )
  must(given.filter((answer) => !isReplay(answer)).length === 1, 'more than one answer says that it made the session')
  must(new Set(given.map(claims)).size === 1, 'the tokens differ')
  const sessions = await listSessions(stack.db, customer.organizationId, { limit: 100 })
  must(sessions.length === 1, `there are ${sessions.length} sessions`)
  const { available, held } = await findCredits(stack.db, customer.organizationId)
  must(available === credits - rate && held === rate, `${available} credits are left and ${held} held`)
  const rooms = await stack.rooms.listRooms()
  const ours = rooms.filter(({ name }) => name.includes(customer.agentId))
  must(ours.length === 1, `there are ${ours.length} rooms`)
  const again = await createUntilAnswered(stack.replicas, customer, options)
  must(again.json?.room_name === roomName && isReplay(again), 'afterwards the key gives another session')
  return given.length
}

async function judgeAnew(stack: Stack, tally: Tally): Promise<void> {
  const customer = await createCustomer(stack.db, { credits: 0, rate })
  const options = { idempotencyKey: randomUUID(), tally }
  const ask = (as: Customer = customer) => createUntilAnswered(stack.replicas, as, options)
  const { organizationId } = customer

  must((await ask({ ...customer, agentId: randomUUID() })).status === 404, 'an unknown agent was not refused')
  must((await ask()).status === 402, 'no credits were not refused')
  await grantCredits(stack.db, { id: randomUUID(), organization_id: organizationId, amount: credits })
  const first = await ask()
  must(first.status === 200 && !isReplay(first), 'after a 402 the key is not judged anew')

  const agent = { organization_id: organizationId, name: 'Other', architecture: 'realtime', credits_per_minute: rate }
  const other = (await createAgent(stack.db, agent))?.id as string
  must((await ask({ ...customer, agentId: other })).status === 422, 'the key was used with another agent')
  const stranger = await ask(await createCustomer(stack.db, { credits, rate }))
  must(stranger.status === 200 && !isReplay(stranger), "one organization's key is another's")

  const replay = await ask()
  must(replay.status === 200 && isReplay(replay) && claims(replay) === claims(first), 'the replay is another session')
  const { json: unused } = await endUntilAnswered(stack.replicas, customer, first.json.room_name, tally)
  must(unused.status === 'ended' && unused.credits_charged === 0, `an unused session: ${JSON.stringify(unused)}`)
  const second = await ask()
  must(second.status === 200 && !isReplay(second), 'after an uncharged session the key is not judged anew')
  must(second.json.room_name !== first.json.room_name, 'an ended session was given again')

  await talk(stack.db, customer, second.json.room_name)
  const { json: used } = await endUntilAnswered(stack.replicas, customer, second.json.room_name, tally)
  must(used.credits_charged === rate, `a minute's talk: ${JSON.stringify(used)}`)
  const third = await ask()
  must(third.status === 200 && isReplay(third), 'a charged session is not given again')
  must(third.json.room_name === second.json.room_name, 'a charged call would be charged again')
  const { available, held } = await findCredits(stack.db, organizationId)
  must(available === credits - rate && held === 0, `${available} credits are left and ${held} held`)
}

export const idempotency: Scenario = async ({ short }) => {
  const races = short ? 3 : 20
  const stack = await startStack({ replicas: 2 })
  const tally: Tally = {}
  const given: number[] = []
  for (let index = 0; index < races; index++) given.push(await race(stack, tally))
  await judgeAnew(stack, tally)
  await checkBooks(stack, tally)
  await stack.stop()
  return { races, at_once: atOnce, sessions_per_key: 1, given_the_session: given, tally }
}
