// How each step is done to the world.
import { type Guest, isPresent } from './livekit-event.ts'
import { create, end, grant, work } from './requests.ts'
import type { Room } from './room.ts'
import { pick, type Step, type With } from './steps.ts'
import type { World } from './world.ts'

/** How long after its node has died a room is on another, where anybody finds the way there. */
const healsAfter = 9000

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
  events: (world, trouble) => {
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

export async function act(world: World, step: Step): Promise<void> {
  await (acts[step.do] as (world: World, value: unknown) => unknown)(world, step.with)
}
