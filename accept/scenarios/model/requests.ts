// What callers, the command line and the rounds in the background ask of the service.
import { InsufficientCredits, RequestInProgress, TooManySessions } from '../../../src/errors.ts'
import { grantCredits } from '../../../src/repositories/credit-grants.ts'
import type { Customer } from './customer.ts'
import { pick, type With } from './steps.ts'
import type { World } from './world.ts'

const nobody = '00000000-0000-4000-8000-000000000000'

/** createVoiceSession after the key and the agent were found: the hold and the room. */
export async function create(
  world: World,
  { customer: index, replica: turn, key, cut }: With['create'],
): Promise<void> {
  const customer = world.customers[index] as Customer
  const replica = world.replica(turn)
  const { calls, credits, livekit } = replica.app
  const work = async () => {
    const context = { metadata: null, user_identifier: null, request_id: nobody, traceparent: null }
    const session = await credits.hold(customer.caller, customer.agent, { ...context, idempotency_key: key ?? null })
    await calls.begin(session, livekit.createRoom)
    world.answered.set(session.room_name, customer)
    if (key !== undefined) await checkReplay(world, `${index}${key}`, session.room_name)
  }
  const isJust = (error: unknown): boolean => {
    const { credits = 0, open_sessions = 0 } = world.accounts.find(({ id }) => id === customer.id) ?? {}
    // One that was paused tells what was so before.
    const wasSo = cut?.how === 'paused'
    if (error instanceof InsufficientCredits) return wasSo || credits < customer.rate
    if (error instanceof TooManySessions) return wasSo || open_sessions >= customer.maxSessions
    return error instanceof RequestInProgress && key !== undefined
  }
  const orRefused = (error: unknown) => {
    if (!isJust(error)) throw error
  }
  world.judge(await world.run(replica, () => work().catch(orRefused), cut))
  if (cut) world.doubtClocks()
}

/** A key stays with its room for as long as that is open or was charged. */
async function checkReplay(world: World, key: string, roomName: string): Promise<void> {
  const find = (name: string) =>
    world.query((db) =>
      db.selectFrom('voice_sessions').select('charged').where('room_name', '=', name).executeTakeFirstOrThrow(),
    )
  // An answer that was paused until its session had ended says nothing about the key any more.
  if ((await find(roomName)).charged !== null) return
  const before = world.keys.get(key)
  world.keys.set(key, roomName)
  if (before === undefined || before === roomName) return
  if ((await find(before)).charged !== 0) world.problems.push(new Error(`${key} went from ${before} on to ${roomName}`))
}

/** endVoiceSession, as its handler does it. */
export async function end(world: World, { which, replica: turn, cut }: With['end']): Promise<void> {
  const roomName = pick([...world.livekit.rooms.keys()], which)
  if (roomName === undefined) return
  // In a room that cannot be deleted the talk goes on, but it is not billed any more.
  if (cut) world.spared.add(roomName)
  const replica = world.replica(turn)
  const { repositories, calls } = replica.app
  const work = async () => {
    const status = await repositories.findStatus(roomName)
    const organization_id = await repositories.findOrganizationOf(roomName)
    if (organization_id === undefined) return
    const session = { room_name: roomName, organization_id }
    if (status === 'creating') await calls.cancel(session)
    if (status === 'active') await calls.end(session, 'ended_by_api')
  }
  world.judge(await world.run(replica, work, cut))
}

export async function grant(world: World, { customer: index, amount, id }: With['grant']): Promise<void> {
  const customer = world.customers[index] as Customer
  const request = { id: `${customer.id}-${id}`, organization_id: customer.id, amount }
  const isGranted = await world.query((db) =>
    grantCredits(db, request).catch((error) => {
      // 23514: more would have been taken back than is left; 0 is no grant.
      if (error.code !== '23514') throw error
    }),
  )
  if (isGranted) customer.granted += amount
}

/** What a replica does in the background. */
export async function work(
  world: World,
  turn: number,
  name: 'reap' | 'sweep',
  cut: With['wake']['cut'],
): Promise<void> {
  const replica = world.replica(turn)
  world.judge(await world.run(replica, replica[name], cut))
}
