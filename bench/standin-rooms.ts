// The rooms of the stand-in for LiveKit, and what becomes of who is in them.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Calls, roomFactsOf } from './live-calls.ts'
import {
  type Encoding,
  listedParticipants,
  listedRoom,
  participantOf,
  type RoomFacts,
  roomOf,
  type Who,
} from './livekit-answers.ts'
import type { Event, Events } from './standin-events.ts'

export interface StoodIn extends RoomFacts {
  /** The caller's identity. */
  userId: string
  present: Set<Who>
  /** Its part of ListRooms, and its answer of ListParticipants, once somebody has asked. */
  listed?: Buffer
  participants?: Buffer | undefined
}

/** From the caller's leave to the end of the room. */
const departureMilliseconds = 11_000

export function createRooms(events: Events) {
  const rooms = new Map<string, StoodIn>()
  let made = 0
  /** How long calls talk; 0 where nobody comes to rooms that are made, and nobody leaves. */
  let talkMilliseconds = 0

  function change(room: StoodIn, who: Who, becomes: 'present' | 'gone', told: Event[]): void {
    if (becomes === 'present') room.present.add(who)
    else room.present.delete(who)
    room.participants = undefined
    events.send(room, told)
  }

  /** The caller leaves, the agent is sent away, and the room is closed. */
  async function end(room: StoodIn): Promise<void> {
    await sleep(Math.max(0, room.madeAt + talkMilliseconds - Date.now()))
    if (rooms.get(room.name) !== room) return
    change(room, 'caller', 'gone', [
      ['track_unpublished', 'caller'],
      ['participant_left', 'caller'],
    ])
    await sleep(departureMilliseconds)
    if (!rooms.delete(room.name)) return
    change(room, 'agent', 'gone', [['track_unpublished', 'agent'], ['participant_left', 'agent'], ['room_finished']])
  }

  async function play(room: StoodIn): Promise<void> {
    events.send(room, [['room_started']])
    for (const who of ['agent', 'caller'] as const) {
      await sleep(300)
      change(room, who, 'present', [
        ['participant_joined', who],
        ['track_published', who],
      ])
    }
    await end(room)
  }

  return {
    get: (name: string) => rooms.get(name),
    all: () => [...rooms.values()],
    delete: (name: string) => rooms.delete(name),
    /** A room that is there already comes back unchanged. */
    make(name: string): StoodIn {
      const there = rooms.get(name)
      if (there) return there
      const [, userId = ''] = /^agent_[0-9a-f-]{36}_(.*)_\d{13}$/.exec(name) ?? []
      const id = `0M${String(++made).padStart(10, '0')}`
      const room: StoodIn = { name, id, userId, madeAt: Date.now(), present: new Set() }
      rooms.set(name, room)
      if (talkMilliseconds > 0) void play(room)
      return room
    },
    have(calls: Calls): void {
      for (let number = 0; number < calls.count; number++) {
        const room: StoodIn = { ...roomFactsOf(calls, number), present: new Set(['agent', 'caller']) }
        rooms.set(room.name, room)
        if (talkMilliseconds > 0) void end(room)
      }
    },
    talk(milliseconds: number): void {
      talkMilliseconds = milliseconds
    },
    /** One in so many agents dies, evenly over that time, and nobody is told. */
    async letDie(oneIn: number, milliseconds: number): Promise<void> {
      const dying = [...rooms.values()].filter((_, index) => index % oneIn === Math.floor(oneIn / 2))
      for (const room of dying) {
        await sleep(milliseconds / dying.length)
        change(room, 'agent', 'gone', [])
      }
    },
  }
}

/** Once made it is kept: the answers are to cost the machine little. One that is asked in both languages is none of ours. */
export function listed(encoding: Encoding, room: StoodIn): Buffer {
  room.listed ??= listedRoom(encoding, roomOf(room))
  return room.listed
}

export function participants(encoding: Encoding, room: StoodIn): Buffer {
  room.participants ??= listedParticipants(
    encoding,
    [...room.present].map((who) => participantOf(who, room.userId, room, 'present')),
  )
  return room.participants
}
