// What LiveKit is asked to do: rooms are made with the agent's worker dispatched into them, looked into and deleted, and
// participants' tokens signed. Whatever fails there becomes a named error with its cause.
import { AccessToken, RoomAgentDispatch } from 'livekit-server-sdk'
import { LiveKitFailed, ServiceUnavailable } from '../../errors.ts'
import type { Participant } from '../../repositories/participants.ts'
import { departureTimeoutSeconds, emptyTimeoutSeconds, tokenMinimumSeconds, tokenTtlSeconds } from '../../timings.ts'
import type { Api } from './api.ts'
import { toParticipant } from './facts.ts'
import { AnswerTooLarge, LiveKitRefusal } from './refusals.ts'

/** The part of a voice session that LiveKit is told about. */
export interface RoomRequest {
  room_name: string
  user_id: string
  agent_id: string
  organization_id: string
}

/** A room as LiveKit made it. */
export interface Room {
  room_sid: string
  /** The worker that was dispatched into it. */
  worker_name: string
  /** LiveKit's clock; null where it does not say. */
  made_at: Date | null
}

export interface LiveKit {
  /** What callers connect to, `ws://` or `wss://`. */
  url: string
  /** Makes the room and dispatches the worker, in one call. Throws LiveKitFailed; ServiceUnavailable where LiveKit is busy. */
  createRoom(request: RoomRequest): Promise<Room>
  /** Ends the call for everyone in the room; a room that is not there is deleted. Throws ServiceUnavailable. */
  deleteRoom(roomName: string): Promise<void>
  /** Who is in the room, or that it is too much to be read. Throws ServiceUnavailable, also where the room is not there. */
  listParticipants(roomName: string): Promise<Participant[] | 'too_large'>
  /** Names of LiveKit's rooms: of all, or of these those that are there. Throws ServiceUnavailable. */
  listRooms(roomNames?: string[]): Promise<string[]>
  /**
   * A participant's token (JWT) for this one room, valid until an hour after the session's creation. Where the session is open
   * and less than a minute of that is left, for one hour from now.
   */
  createToken(session: { room_name: string; user_id: string; created_at: Date; is_open: boolean }): Promise<string>
}

export interface LiveKitOptions {
  url: string
  apiKey: string
  apiSecret: string
  /** The name under which the agent worker registers. */
  agentName: string
}

/** What PostgreSQL takes as text: a NUL would fail all sessions that are activated with it. */
const roomSid = /^[!-~]{1,100}$/

const roomsPerCall = 500
const maxRetryAfterSeconds = 60

const unavailable = (cause: unknown): never => {
  throw new ServiceUnavailable({ cause })
}

/** LiveKit has too many requests just now: so has whoever asked us. It says for how long, in seconds or by a date. */
function busy(cause: LiveKitRefusal): Error {
  const { retryAfter = '' } = cause
  const told = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000
  const seconds = Math.min(Math.max(1, Math.ceil(told) || 1), maxRetryAfterSeconds)
  return new ServiceUnavailable({ cause, headers: { 'retry-after': String(seconds) } })
}

export function createLiveKit({ url, apiKey, apiSecret, agentName }: LiveKitOptions, api: Api): LiveKit {
  /** No room metadata: every participant could read it. */
  async function requestRoom({ room_name, agent_id, organization_id, user_id }: RoomRequest): Promise<Room> {
    const metadata = JSON.stringify({ agent_id, organization_id, user_id, room_name })
    const room = await api.createRoom({
      name: room_name,
      emptyTimeout: emptyTimeoutSeconds,
      departureTimeout: departureTimeoutSeconds,
      maxParticipants: 1,
      agents: [new RoomAgentDispatch({ agentName, metadata })],
    })
    if (room.name !== room_name || !roomSid.test(room.sid)) throw new Error('LiveKit answered with another room')
    const madeAt = Number(room.creationTimeMs)
    return { room_sid: room.sid, worker_name: agentName, made_at: madeAt > 0 ? new Date(madeAt) : null }
  }

  return {
    url,
    createRoom: (request) =>
      requestRoom(request).catch((cause) => {
        throw cause instanceof LiveKitRefusal && cause.status === 429 ? busy(cause) : new LiveKitFailed({ cause })
      }),
    async deleteRoom(roomName) {
      await api.deleteRoom(roomName).catch((cause) => cause.code === 'not_found' || unavailable(cause))
    },
    async listParticipants(roomName) {
      try {
        return (await api.listParticipants(roomName)).map(toParticipant)
      } catch (cause) {
        return cause instanceof AnswerTooLarge ? 'too_large' : unavailable(cause)
      }
    },
    async listRooms(roomNames) {
      const named: string[] = []
      for (let start = 0; start < (roomNames?.length ?? 1); start += roomsPerCall) {
        const rooms = await api.listRooms(roomNames?.slice(start, start + roomsPerCall)).catch(unavailable)
        named.push(...rooms.map(({ name }) => name))
      }
      return named
    },
    async createToken({ room_name, user_id, created_at, is_open }) {
      const left = tokenTtlSeconds + Math.floor(created_at.getTime() / 1000) - Math.floor(Date.now() / 1000)
      const ttl = is_open && left < tokenMinimumSeconds ? tokenTtlSeconds : left
      const token = new AccessToken(apiKey, apiSecret, { identity: user_id, ttl: `${ttl}s` })
      token.addGrant({ room: room_name, roomJoin: true, canPublish: true, canSubscribe: true, canPublishData: false })
      return token.toJwt()
    },
  }
}
