// LiveKit as the service sees it, with the timings that were measured on the real one: rooms time out, agents are
// dispatched, connections die unnoticed, rooms are lost with their node. It also knows how long caller and agent talked.
import type { Clock } from './clock.ts'
import { type Room, Talk } from './room.ts'
import { type EventName, type Guest, toWebhook, type Webhook } from './webhook.ts'

const agentAfter = 500
const emptyTimeout = 60_000
/** The timeout and LiveKit's tick. */
const departureTimeout = 10_500
const deathNoticedAfter = 20_000

export class SimulatedLiveKit {
  readonly rooms = new Map<string, Room>()
  readonly talk: Talk
  /** Rooms that were deleted in the middle of talk. */
  readonly cutOff = new Set<string>()
  hasWorker = true
  isOut = false
  /** How far its clock is ahead of the database's. */
  skew = 0
  readonly #clock: Clock
  readonly #emit: (webhook: Webhook) => void
  #ids = 0

  constructor(clock: Clock, emit: (webhook: Webhook) => void) {
    this.#clock = clock
    this.talk = new Talk(clock)
    this.#emit = emit
  }

  create(name: string): string {
    const existing = this.rooms.get(name)
    if (existing && !existing.isLost) return existing.sid
    const sid = existing?.sid ?? `RM_${this.#ids++}`
    this.#open({ name, sid, isLost: false, guests: [] }, emptyTimeout)
    return sid
  }

  #open(room: Omit<Room, 'agentAt' | 'closeAt' | 'healAt'>, timeout: number): Room {
    const { now } = this.#clock
    const agentAt = this.hasWorker ? now + agentAfter : Number.POSITIVE_INFINITY
    const opened = { ...room, agentAt, closeAt: now + timeout, healAt: Number.POSITIVE_INFINITY }
    this.rooms.set(room.name, opened)
    this.#send('room_started', opened)
    return opened
  }

  delete(name: string): void {
    const room = this.rooms.get(name)
    if (!room) return
    if (this.talk.isOn(name)) this.cutOff.add(name)
    for (const guest of room.guests) this.leave(room, guest)
    this.rooms.delete(name)
    this.#send('room_finished', room)
  }

  /** Who is in a room; throws where it is not there. */
  list(name: string) {
    const room = this.rooms.get(name)
    if (!room) throw new Error('not_found')
    return room.guests.map(({ sid, identity, isAgent, joinedAt }) => {
      return { sid, identity, is_agent: isAgent, joined_at: new Date(joinedAt), is_active: true }
    })
  }

  join(room: Room, identity: string, isAgent = false): void {
    const replaced = room.guests.filter((guest) => guest.identity === identity)
    for (const guest of replaced) this.leave(room, guest)
    const joinedAt = this.#clock.now + this.skew
    const guest = { sid: `PA_${this.#ids++}`, identity, isAgent, joinedAt, deadSince: undefined }
    room.guests.push(guest)
    if (!isAgent) room.closeAt = Number.POSITIVE_INFINITY
    this.talk.count(room)
    this.#send('participant_joined', room, guest)
  }

  leave(room: Room, guest: Guest, reason = 'CLIENT_INITIATED'): void {
    room.guests = room.guests.filter(({ sid }) => sid !== guest.sid)
    if (!guest.isAgent) room.closeAt = this.#clock.now + departureTimeout
    this.talk.count(room)
    this.#send('participant_left', room, guest, reason)
  }

  /** A connection dies; LiveKit does not know yet. */
  die(room: Room, guest: Guest): void {
    guest.deadSince ??= this.#clock.now
    this.talk.count(room)
  }

  /** A room's node dies. After so many milliseconds another takes it over, if anybody in it finds the way there. */
  lose(room: Room, healsAfter: number): void {
    room.isLost = true
    room.agentAt = room.closeAt = Number.POSITIVE_INFINITY
    room.healAt = this.#clock.now + healsAfter
    this.talk.count(room)
  }

  #heal({ name, sid, guests }: Room): void {
    const room = this.#open({ name, sid, isLost: false, guests: [] }, departureTimeout)
    for (const { identity, isAgent, deadSince } of guests)
      if (deadSince === undefined) this.join(room, identity, isAgent)
  }

  /** When something happens next by itself. */
  get nextAt(): number {
    return Math.min(...[...this.rooms.values()].flatMap((room) => this.#due(room).map(({ at }) => at)))
  }

  /** Does what is due now. */
  happen(): void {
    for (const room of [...this.rooms.values()])
      for (const { at, happens } of this.#due(room)) if (at <= this.#clock.now) happens()
  }

  #due(room: Room): { at: number; happens: () => void }[] {
    const heals = { at: room.healAt, happens: () => this.#heal(room) }
    if (room.isLost) return [heals]
    const deaths = room.guests.map((guest) => ({
      at: (guest.deadSince ?? Number.POSITIVE_INFINITY) + deathNoticedAfter,
      happens: () => this.leave(room, guest, 'CONNECTION_TIMEOUT'),
    }))
    const dispatch = () => {
      room.agentAt = Number.POSITIVE_INFINITY
      this.join(room, `agent-${this.#ids}`, true)
    }
    return [
      ...deaths,
      { at: room.agentAt, happens: dispatch },
      { at: room.closeAt, happens: () => this.delete(room.name) },
    ]
  }

  #send(event: EventName, room: Room, guest?: Guest, reason?: string): void {
    this.#emit(toWebhook(event, room, this.#clock.now + this.skew, guest, reason))
  }
}
