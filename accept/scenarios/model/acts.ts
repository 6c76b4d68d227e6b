// How each step is done to the world.
import { InsufficientCredits, RequestInProgress, TooManySessions } from '../../../src/errors.ts'
import { grantCredits } from '../../../src/repositories/credit-grants.ts'
import type { Customer } from './customer.ts'
import type { Room } from './room.ts'
import type { Step, With } from './steps.ts'
import { type Guest, isPresent } from './webhook.ts'
import type { World } from './world.ts'

/** How long after its node has died a room is on another, where anybody finds the way there. */
const healsAfter = 9000

const pick = <T>(items: T[], which: number): T | undefined => items[which % Math.max(1, items.length)]

/** Rooms within reach that a caller holds a token for: those with a caller in them, or those without. */
function rooms({ livekit, answered }: World, hasCaller: boolean): Room[] {
  const reachable = [...livekit.rooms.values()].filter((room) => answered.has(room.name) && !room.isLost)
  return reachable.filter((room) => room.guests.some(({ isAgent }) => !isAgent) === hasCaller)
}

function join(world: World, room: Room | undefined): void {
  const customer = room && world.answered.get(room.name)
  if (customer) world.livekit.join(room, customer.caller.user_id)
}

/** What a caller does who is connected without media. */
function proceed(
  { livekit }: World,
  which: number,
  act: (livekit: World['livekit'], room: Room, guest: Guest) => void,
) {
  const all = [...livekit.rooms.values()].filter(({ isLost }) => !isLost)
  const waiting = all.flatMap((room) =>
    room.guests.filter((guest) => !isPresent(guest)).map((guest) => ({ room, guest })),
  )
  const chosen = pick(waiting, which)
  if (chosen) act(livekit, chosen.room, chosen.guest)
}

/** createVoiceSession after the key and the agent were found: the hold and the room. */
async function create(world: World, { customer: index, replica: turn, key, cut }: With['create']): Promise<void> {
  const customer = world.customers[index] as Customer
  const replica = world.replica(turn)
  const { calls, credits, livekit } = replica.app
  const work = async () => {
    const session = await credits.hold(customer.caller, customer.agent, key)
    await calls.begin(session, livekit.createRoom)
    world.answered.set(session.room_name, customer)
    if (key !== undefined) await checkReplay(world, `${index}${key}`, session.room_name)
  }
  const isJust = (error: unknown): boolean => {
    const { credits = 0, open_sessions = 0 } = world.accounts.find(({ id }) => id === customer.id) ?? {}
    if (error instanceof InsufficientCredits) return credits < customer.rate
    if (error instanceof TooManySessions) return open_sessions >= customer.maxSessions
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
async function end(world: World, { which, replica: turn, cut }: With['end']): Promise<void> {
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

async function grant(world: World, { customer: index, amount, id }: With['grant']): Promise<void> {
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

type Acts = { [Name in keyof With]: (world: World, value: With[Name]) => unknown }

const acts: Acts = {
  create,
  end,
  grant,
  pass: (world, milliseconds) => world.pass(milliseconds),
  silence: (world, milliseconds) => world.pass(milliseconds, false),
  join: (world, which) => join(world, pick(rooms(world, false), which)),
  rejoin: (world, which) => join(world, pick(rooms(world, true), which)),
  connect(world, which) {
    const room = pick(rooms(world, false), which)
    const customer = room && world.answered.get(room.name)
    if (customer) world.livekit.connect(room, customer.caller.user_id)
  },
  activate: (world, which) => proceed(world, which, (livekit, room, guest) => livekit.activate(room, guest)),
  publish: (world, which) => proceed(world, which, (livekit, room, guest) => livekit.publish(room, guest)),
  leave(world, which) {
    const room = pick(rooms(world, true), which)
    for (const guest of room?.guests ?? []) if (!guest.isAgent) world.livekit.leave(room as Room, guest)
  },
  vanish(world, { which, isAgent: wanted }) {
    const room = pick(rooms(world, true), which)
    const guest = room?.guests.find((guest) => guest.isAgent === wanted && guest.isActive)
    if (!room || !guest) return
    // LiveKit goes on listing it for 20 s, which count where somebody comes back.
    world.uncertain.add(room.name)
    world.deaths.set(room.name, (world.deaths.get(room.name) ?? 0) + 1)
    world.livekit.die(room, guest)
  },
  nodeDeath(world, { which, heals }) {
    const room = pick([...world.livekit.rooms.values()], which)
    if (!room || room.isLost) return
    world.uncertain.add(room.name)
    world.livekit.lose(room, heals ? healsAfter : Number.POSITIVE_INFINITY)
  },
  deletion(world, which) {
    const room = pick(
      [...world.livekit.rooms.values()].filter(
        ({ isLost, guests }) => !isLost && guests.some(({ isAgent }) => isAgent),
      ),
      which,
    )
    if (!room) return
    world.livekit.delete(room.name)
    world.livekit.cutOff.delete(room.name)
  },
  worker: (world, hasWorker) => {
    world.livekit.hasWorker = hasWorker
  },
  outage: (world, isOut) => {
    world.livekit.isOut = isOut
  },
  skew(world, milliseconds) {
    // How far the clocks are apart is known of each session from the making of its room, so it stays while there is one.
    if (world.livekit.rooms.size === 0) world.livekit.skew = milliseconds
  },
  webhooks: (world, trouble) => {
    world.post.trouble = { ...trouble }
  },
  serviceCrash: (world, replica) => world.crash(world.replica(replica)),
  async resume(world, which) {
    await world.resume(which)
    world.doubtClocks()
  },
  wake: (world, { replica, cut }) => work(world, replica, 'reap', cut),
  sweep: (world, { replica, cut }) => work(world, replica, 'sweep', cut),
}

async function work(world: World, turn: number, name: 'reap' | 'sweep', cut: With['wake']['cut']): Promise<void> {
  const replica = world.replica(turn)
  world.judge(await world.run(replica, replica[name], cut))
}

export async function act(world: World, step: Step): Promise<void> {
  await (acts[step.do] as (world: World, value: unknown) => unknown)(world, step.with)
}
