// LiveKit: makes rooms with the agent's worker dispatched into them, deletes them, and signs participants' tokens. The only
// plugin that knows the SDK; whatever goes wrong over there is a LiveKitFailed with its cause.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { AccessToken, RoomAgentDispatch, RoomServiceClient } from 'livekit-server-sdk'
import { LiveKitFailed } from '../errors.ts'

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

export interface LiveKit {
  /** What callers connect to, `ws://` or `wss://`. */
  url: string
  /** Makes the room and dispatches the worker, in one call; resolves with the room's sid. Throws LiveKitFailed. */
  createRoom(request: RoomRequest): Promise<string>
  /** Ends the call for everyone in the room; a room that is not there is deleted. Throws LiveKitFailed. */
  deleteRoom(roomName: string): Promise<void>
  /** A participant's token (JWT) for this one room, valid for an hour. */
  createToken(request: Pick<RoomRequest, 'room_name' | 'user_id'>): Promise<string>
}

export interface LiveKitOptions {
  url: string
  apiUrl: string
  apiKey: string
  apiSecret: string
  /** The name under which the agent worker registers. */
  agentName: string
}

const tokenTtlSeconds = 3600
/** Below 5 s the SDK makes a single try and leaves repeating to us. */
const requestTimeoutSeconds = 4
/** A create that failed faster than this is repeated once: LiveKit answers a repeated name with the same room. */
const repeatWithinMilliseconds = 2000
/** A room without a caller is closed after `empty`, one that the caller left after `departure`. */
const emptyTimeoutSeconds = 60
const departureTimeoutSeconds = 10

function createLiveKit({ url, apiUrl, apiKey, apiSecret, agentName }: LiveKitOptions): LiveKit {
  const rooms = new RoomServiceClient(apiUrl, apiKey, apiSecret, { requestTimeout: requestTimeoutSeconds })

  /** No room metadata: every participant could read it. */
  async function requestRoom({ room_name, agent_id, organization_id, user_id }: RoomRequest): Promise<string> {
    const metadata = JSON.stringify({ agent_id, organization_id, user_id, room_name })
    const room = await rooms.createRoom({
      name: room_name,
      emptyTimeout: emptyTimeoutSeconds,
      departureTimeout: departureTimeoutSeconds,
      maxParticipants: 1,
      agents: [new RoomAgentDispatch({ agentName, metadata })],
    })
    if (room.name !== room_name || room.sid === '') throw new Error('LiveKit answered with another room')
    return room.sid
  }

  return {
    url,
    async createRoom(request) {
      const startedAt = performance.now()
      try {
        return await requestRoom(request).catch((error) => {
          if (performance.now() - startedAt > repeatWithinMilliseconds) throw error
          return requestRoom(request)
        })
      } catch (cause) {
        throw new LiveKitFailed({ cause })
      }
    },
    async deleteRoom(roomName) {
      await rooms.deleteRoom(roomName).catch((cause) => {
        if (cause.code !== 'not_found') throw new LiveKitFailed({ cause })
      })
    },
    async createToken({ room_name, user_id }) {
      const token = new AccessToken(apiKey, apiSecret, { identity: user_id, ttl: tokenTtlSeconds })
      token.addGrant({ room: room_name, roomJoin: true, canPublish: true, canSubscribe: true, canPublishData: false })
      return token.toJwt()
    },
  }
}

async function livekit(app: FastifyInstance, options: LiveKitOptions) {
  app.decorate('livekit', createLiveKit(options))
}

export default fp(livekit, { name: 'livekit' })
