// A replica dies between the verdict, the deletion of the room and the settlement of a session.

import { until } from '../../../test/until.ts'
import { must } from '../../check.ts'
import { createUntilAnswered, endUntilAnswered, send, untilMet } from '../../client.ts'
import { createTestCustomer, mustHaveAllCredits, roomsOf, sessionsOf } from '../../customer-state.ts'
import { dieAt, type Point, type Scene } from './die-creating.ts'

/** The next claim, 10 s after the verdict, and the reaper's interval; a retry carries it out at once. */
const settledWithin = 16_000
const answeredWithin = 5000

export interface EndPoint extends Point {
  hasRoom: boolean
}

const deleteRoom = { part: 'livekit', request: 'DeleteRoom' } as const
export const endPoints: EndPoint[] = [
  { name: "the verdict's answer", part: 'postgres', request: 'nameVerdict', dies: 'after', hasRoom: true },
  { name: 'before DeleteRoom', ...deleteRoom, dies: 'before', hasRoom: true },
  { name: "DeleteRoom's answer", ...deleteRoom, dies: 'after', hasRoom: false },
  { name: 'before settle', part: 'postgres', request: 'settle', dies: 'before', hasRoom: false },
]

/** The milliseconds after which the session was settled. */
export async function dieEnding({ stack, victim, tally }: Scene, point: EndPoint, retries: boolean): Promise<number> {
  const customer = await createTestCustomer(stack)
  const created = await createUntilAnswered([victim.replica], customer, { tally })
  must(created.status === 200, `the create was answered ${created.status}`)
  const { room_name } = created.json
  const init = { method: 'DELETE', headers: { 'x-api-key': customer.key } }
  const path = `/v1/chat/voice-sessions/${room_name}`
  const { status } = await untilMet(dieAt(victim, point), () => send(victim.url, path, init, tally))
  must(status === 0, `${status} was answered`)
  const diedAt = performance.now()
  await victim.replica.process.exited

  const [left] = await sessionsOf(stack, customer)
  must(left?.end_reason === 'ended_by_api', `the verdict is ${left?.end_reason}`)
  const { length } = await roomsOf(stack, customer)
  must(length === (point.hasRoom ? 1 : 0), `there are ${length} rooms`)
  // LiveKit may have told another replica already that the room has gone.
  must(left.status === 'active' || !point.hasRoom, `the session is ${left.status}`)

  if (retries) {
    const { json } = await endUntilAnswered(stack.replicas.slice(0, 1), customer, room_name, tally)
    const took = performance.now() - diedAt
    must(json.status === 'ended' && took < answeredWithin, `${JSON.stringify(json)} after ${took} ms`)
  }
  const isEnded = async () => (await sessionsOf(stack, customer))[0]?.status === 'ended'
  await until(isEnded, settledWithin, 'the session is not settled')
  const took = Math.round(performance.now() - diedAt)
  const [ended] = await sessionsOf(stack, customer)
  must(ended?.end_reason === 'ended_by_api' && ended.charged === 0, `it ended as ${ended?.end_reason}`)
  await mustHaveAllCredits(stack, customer)
  must((await roomsOf(stack, customer)).length === 0, 'the room is still there')
  return took
}
