// LiveKit as the service sees it, with the timings that were measured on the real one: rooms time out, agents are
// dispatched, connections die unnoticed, rooms are lost with their node. It also knows how long caller and agent talked.
import type { MadeRoom } from '../../../src/repositories/transitions.ts'
import type { Clock } from './clock.ts'
import { due } from './due.ts'
import { type Guest, type LiveKitEvent, toLiveKitEvent, toParticipant, workerName } from './livekit-event.ts'
import { type Room, Talk } from './room.ts'

const agentAfter = 500
const emptyTimeout = 60_000
const departureTimeout = 10_500
const connectedTimeout = 60_000

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
  readonly #emit: (event: LiveKitEvent) => void
  #ids = 0

  constructor(clock: Clock, emit: (event: LiveKitEvent) => void) {
    this.#clock = clock
    this.talk = new Talk(clock)
    this.#emit = emit
  }

  create(name: string): MadeRoom {
    const existing = this.rooms.get(name)
    const sid = existing?.sid ?? `RM_${this.#ids++}`
    const { madeAt } =
      existing && !existing.isLost ? existing : this.#open({ name, sid, isLost: false, guests: [] }, emptyTimeout)
    return { room_sid: sid, worker_name: workerName, made_at: new Date(madeAt) }
  }

  #open(room: Pick<Room, 'name' | 'sid' | 'isLost' | 'guests'>, timeout: number): Room {
    const { now } = this.#clock
    const agentAt = this.hasWorker ? now + agentAfter : Number.POSITIVE_INFINITY
    const opened = {
      ...room,
      agentAt,
      madeAt: now + this.skew,
      closeAt: now + timeout,
      healAt: Number.POSITIVE_INFINITY,
    }
    this.rooms.set(room.name, opened)
    this.#send('room_started', opened)
    return opened
  }

  /** Closes a room: because somebody has asked for it, or because its caller did not come or has gone. */
  delete(name: string, reason = 'ROOM_DELETED'): void {
    const room = this.rooms.get(name)
    if (!room) return
    if (this.talk.isOn(name)) this.cutOff.add(name)
    for (const guest of room.guests) this.leave(room, guest, reason)
    this.rooms.delete(name)
    this.#send('room_finished', room)
  }

  /** Who is in a room; throws where it is not there. */
  list(name: string) {
    const room = this.rooms.get(name)
    if (!room) throw new Error('not_found')
    return room.guests.map(toParticipant)
  }

  join(room: Room, identity: string, isAgent = false): void {
    this.activate(room, this.connect(room, identity, isAgent))
  }

  /** Media is up. */
  activate(room: Room, guest: Guest): void {
    guest.isActive = true
    this.talk.count(room)
    this.#send('participant_joined', room, guest)
  }

  publish(room: Room, guest: Guest): void {
    guest.hasTrack = true
    this.talk.count(room)
    this.#send('track_published', room, guest)
  }

  connect(room: Room, identity: string, isAgent = false): Guest {
    const replaced = room.guests.filter((guest) => guest.identity === identity)
    for (const guest of replaced) this.leave(room, guest)
    const joinedAt = this.#clock.now + this.skew
    const removeAt = this.#clock.now + connectedTimeout
    const state = { isActive: false, hasTrack: false, removeAt, deadSince: undefined }
    const guest: Guest = { sid: `PA_${this.#ids++}`, identity, isAgent, joinedAt, ...state }
    room.guests.push(guest)
    if (!isAgent) room.closeAt = Number.POSITIVE_INFINITY
    return guest
  }

  /** The worker's agent comes. */
  dispatch(room: Room): void {
    room.agentAt = Number.POSITIVE_INFINITY
    this.join(room, `agent-${this.#ids}`, true)
  }

  leave(room: Room, guest: Guest, reason = 'CLIENT_INITIATED'): void {
    room.guests = room.guests.filter(({ sid }) => sid !== guest.sid)
    if (!guest.isAgent) room.closeAt = this.#clock.now + departureTimeout
    this.talk.count(room)
    this.#send(guest.isActive ? 'participant_left' : 'participant_connection_aborted', room, guest, reason)
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

  /** Another node takes the room over, empty; whose connection is alive finds the way there. */
  heal({ name, sid, guests }: Room): void {
    const room = this.#open({ name, sid, isLost: false, guests: [] }, departureTimeout)
    for (const { identity, isAgent, deadSince } of guests)
      if (deadSince === undefined) this.join(room, identity, isAgent)
  }

  /** When something happens next by itself. */
  get nextAt(): number {
    return Math.min(...[...this.rooms.values()].flatMap((room) => due(this, room).map(({ at }) => at)))
  }

  /** Does what is due now. */
  happen(): void {
    for (const room of [...this.rooms.values()])
      for (const { at, happens } of due(this, room)) if (at <= this.#clock.now) happens()
  }

  #send(event: LiveKitEvent['event'], room: Room, guest?: Guest, reason?: string): void {
    this.#emit(toLiveKitEvent(event, room, this.#clock.now + this.skew, guest, reason))
  }
}
