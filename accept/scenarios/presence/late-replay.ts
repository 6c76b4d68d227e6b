// An Idempotency-Key is repeated after the first hour of a call, in which every token of it has expired: the answer's token lets
// a real client in.
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { until } from '../../../test/until.ts'
import { must } from '../../check.ts'
import { create } from '../../client.ts'
import { createCustomer } from '../../stack.ts'
import { joinSilently } from './caller.ts'
import { endOnce, untilTogether, type World } from './world.ts'

/** Minutes into the call. */
const late = 70

export async function replayedLate(world: World) {
  const { stack, agents, tally } = world
  const customer = await createCustomer(stack.db)
  const options = { idempotencyKey: randomUUID(), tally }
  const url = stack.replicas[0]?.url as string
  const { room_name: roomName } = (await create(url, customer, options)).json
  await until(async () => agents.byRoom.has(roomName), 60_000, `no agent comes to ${roomName}`)
  // In the place of waiting.
  await sql`UPDATE voice_sessions SET created_at = created_at - ${late} * interval '1 minute'
    WHERE room_name = ${roomName}`.execute(stack.db)
  const { status, headers, json } = await create(url, customer, options)
  must(status === 200 && json.room_name === roomName, `the repeat was answered ${status}: ${JSON.stringify(json)}`)
  must(headers.get('idempotency-replayed') === 'true', 'the answer does not say that it is a repeat')
  const session = { customer, roomName, token: json.token, livekitUrl: json.livekit_url }
  const caller = await joinSilently(session)
  await untilTogether(world, session)
  await caller.leave()
  await endOnce(world, session)
  return { replayed_after_min: late }
}
