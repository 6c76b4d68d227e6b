// zombie: where LiveKit makes rooms by itself (auto_create true), a token that is used after its session has ended makes
// the room again. It is gone within 35 s, and nothing more is charged.
import { setTimeout as sleep } from 'node:timers/promises'
import { joinAsCaller } from '../../demo/caller.ts'
import { until } from '../../test/until.ts'
import { createSession, type Joinable, later, seconds, show, startTalk, untilEnded } from '../calls.ts'
import { checkBooks, must } from '../check.ts'
import { endUntilAnswered, type Tally } from '../client.ts'
import type { Scenario } from '../scenario.ts'
import { createCustomer, type Stack, startStack } from '../stack.ts'

const goneWithin = 35_000
const rate = 10

async function end(stack: Stack, { customer, roomName }: Joinable, tally: Tally): Promise<void> {
  const { status } = await endUntilAnswered(stack.replicas, customer, roomName, tally)
  must(status === 200, `endVoiceSession answered ${status}`)
}

/** Uses the token of an ended session again: how long the room lived, in seconds. */
async function rise(stack: Stack, session: Joinable, started: Set<string>): Promise<number> {
  const { roomName, livekitUrl, token } = session
  const before = await untilEnded(stack, session, 5000)
  const isThere = async () => (await stack.rooms.listRooms([roomName])).length > 0
  // An agent that was just being sent when the room was deleted makes it again, too.
  await until(async () => !(await isThere()), goneWithin, `${roomName} outlives its session`)
  started.delete(roomName)

  const startedAt = performance.now()
  // The room may be gone before the caller is in it.
  const joining = joinAsCaller({ livekit_url: livekitUrl, token }).catch(() => undefined)
  await until(async () => started.has(roomName), 10_000, `${roomName} was not made again`)
  await until(async () => !(await isThere()), goneWithin + 5000, `the room ${roomName} is there again`)
  const lived = performance.now() - startedAt
  const caller = await joining
  await until(async () => caller?.heard.disconnected !== undefined || !caller, 5000, 'the caller was not released')
  await caller?.leave()
  must(!(await isThere()), `the room ${roomName} is there once more`)
  must(lived <= goneWithin, `the room lived for ${lived} ms`)
  const after = await show(stack, session)
  must(after.credits_charged === before.credits_charged, `${after.credits_charged} are charged`)
  must(after.status === 'ended' && after.end_reason === before.end_reason, 'the session changed')
  return seconds(lived)
}

export const zombie: Scenario = async ({ short }) => {
  const stack = await startStack({ room: { auto_create: true }, worker: true })
  const customer = await createCustomer(stack.db, { rate })
  const tally: Tally = {}
  /** Rooms that LiveKit said it has made. */
  const started = new Set<string>()
  let told = true
  stack.relay.deliveries = ({ body }) => {
    const { event, room } = JSON.parse(body)
    if (event === 'room_started') started.add(room.name)
    return told ? [0] : []
  }

  const unused = await createSession(stack, customer, tally)
  await end(stack, unused, tally)
  const talked = await startTalk(stack, customer, tally)
  await talked.caller.leave()
  await end(stack, talked, tally)
  const lived_s = [await rise(stack, unused, started), await rise(stack, talked, started)]

  // Where no event tells of the room, the sweep finds it, however shortly after a sweep it was made.
  told = false
  const rising: Promise<number>[] = []
  for (let count = short ? 4 : 12; count > 0; count--) {
    const session = await createSession(stack, customer, tally)
    await end(stack, session, tally)
    rising.push(later(rise(stack, session, started)))
    await sleep(32_000 / (short ? 4 : 12))
  }
  const lived_s_untold = await Promise.all(rising)
  await checkBooks(stack, tally)
  await stack.stop()
  return { tokens: 2 + rising.length, lived_s, lived_s_untold, tally }
}
