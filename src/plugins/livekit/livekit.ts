// LiveKit: makes rooms with the agent's worker dispatched into them, looks into them, deletes them, and signs participants'
// tokens. Whatever fails there becomes a named error with its cause.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { AccessToken, RoomServiceClient } from 'livekit-server-sdk'
import { LiveKitFailed, ServiceUnavailable } from '../../errors.ts'
import type { Participant } from '../../repositories/participants.ts'
import {
  createRepeatMilliseconds,
  departureTimeoutSeconds,
  emptyTimeoutSeconds,
  livekitTimeoutSeconds,
  tokenMinimumSeconds,
  tokenTtlSeconds,
} from '../../timings.ts'
import { createRoomMaker, type RoomMaker } from './create-room.ts'
import { toParticipant } from './facts.ts'

declare module 'fastify' {
  interface FastifyInstance {
    livekit: LiveKit
  }
}

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
  /** Makes the room and dispatches the worker, in one call. Throws LiveKitFailed. */
  createRoom(request: RoomRequest): Promise<Room>
  /** Ends the call for everyone in the room; a room that is not there is deleted. Throws ServiceUnavailable. */
  deleteRoom(roomName: string): Promise<void>
  /** Who is in the room. Throws ServiceUnavailable, also where the room is not there. */
  listParticipants(roomName: string): Promise<Participant[]>
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
  apiUrl: string
  apiKey: string
  apiSecret: string
  /** The name under which the agent worker registers. */
  agentName: string
}

/** What PostgreSQL takes as text: a NUL would fail all sessions that are activated with it. */
const roomSid = /^[!-~]{1,100}$/

function createLiveKit({ url, apiUrl, apiKey, apiSecret, agentName }: LiveKitOptions, roomMaker: RoomMaker): LiveKit {
  const rooms = new RoomServiceClient(apiUrl, apiKey, apiSecret, { requestTimeout: livekitTimeoutSeconds })
  const unavailable = (cause: unknown): never => {
    throw new ServiceUnavailable({ cause })
  }

  /** No room metadata: every participant could read it. */
  async function requestRoom({ room_name, agent_id, organization_id, user_id }: RoomRequest): Promise<Room> {
    const metadata = JSON.stringify({ agent_id, organization_id, user_id, room_name })
    const room = await roomMaker.create({
      name: room_name,
      emptyTimeout: emptyTimeoutSeconds,
      departureTimeout: departureTimeoutSeconds,
      maxParticipants: 1,
      agents: [{ agentName, metadata }],
    })
    if (room.name !== room_name || !roomSid.test(room.sid ?? '')) throw new Error('LiveKit answered with another room')
    const madeAt = Number(room.creation_time_ms ?? 0)
    return { room_sid: room.sid, worker_name: agentName, made_at: madeAt > 0 ? new Date(madeAt) : null }
  }

  return {
    url,
    async createRoom(request) {
      const startedAt = performance.now()
      try {
        return await requestRoom(request).catch((error) => {
          if (performance.now() - startedAt > createRepeatMilliseconds) throw error
          return requestRoom(request)
        })
      } catch (cause) {
        throw new LiveKitFailed({ cause })
      }
    },
    async deleteRoom(roomName) {
      await rooms.deleteRoom(roomName).catch((cause) => cause.code === 'not_found' || unavailable(cause))
    },
    async listParticipants(roomName) {
      return (await rooms.listParticipants(roomName).catch(unavailable)).map(toParticipant)
    },
    async listRooms(roomNames) {
      return (await rooms.listRooms(roomNames).catch(unavailable)).map((room) => room.name)
    },
    async createToken({ room_name, user_id, created_at, is_open }) {
      const age = Math.floor(Date.now() / 1000) - Math.floor(created_at.getTime() / 1000)
      const left = tokenTtlSeconds - age
      const ttl = is_open && left < tokenMinimumSeconds ? tokenTtlSeconds : left
      const token = new AccessToken(apiKey, apiSecret, { identity: user_id, ttl: `${ttl}s` })
      token.addGrant({ room: room_name, roomJoin: true, canPublish: true, canSubscribe: true, canPublishData: false })
      return token.toJwt()
    },
  }
}

async function livekit(app: FastifyInstance, options: LiveKitOptions) {
  const { apiUrl: url, apiKey, apiSecret } = options
  const roomMaker = createRoomMaker({ url, apiKey, apiSecret, timeoutMilliseconds: livekitTimeoutSeconds * 1000 })
  app.addHook('onClose', () => roomMaker.close())
  app.decorate('livekit', createLiveKit(options, roomMaker))
}

export default fp(livekit, { name: 'livekit' })
