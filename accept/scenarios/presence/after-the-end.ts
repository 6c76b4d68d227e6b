// All of LiveKit's events about a call come only after the session was settled: nothing that anybody can read changes.
import { until } from '../../../test/until.ts'
import { createSession, show } from '../../calls.ts'
import { must } from '../../check.ts'
import { send } from '../../client.ts'
import { createCustomer } from '../../stack.ts'
import { joinSilently } from './caller.ts'
import { endOnce, secondsAfter, untilTogether, type World } from './world.ts'

export async function toldTooLate(world: World) {
  const { stack, held, tally } = world
  const session = await createSession(stack, await createCustomer(stack.db), tally)
  const events = held.hold(session.roomName)
  const [caller, since] = await Promise.all([joinSilently(session), untilTogether(world, session)])
  const read = async () => {
    const { json } = await send(stack.replicas[0]?.url as string, '/v1/credits', {
      headers: { 'x-api-key': session.customer.key },
    })
    return JSON.stringify([await show(stack, session), json])
  }
  await secondsAfter(since, 6)
  const { status } = await endOnce(world, session)
  must(status === 200, `DELETE was answered ${status}`)
  await caller.leave()
  const before = await read()
  const isFinished = async () => events.some(({ body }) => JSON.parse(body).event === 'room_finished')
  await until(isFinished, 60_000, 'LiveKit does not say that the room is closed')
  for (const event of events) {
    const answer = await stack.relay.deliver(event)
    must(answer === 200, `an event was answered ${answer}`)
  }
  const after = await read()
  must(after === before, `late events changed ${before} to ${after}`)
  return { events: events.length }
}
