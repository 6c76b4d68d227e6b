// What LiveKit is asked to do: rooms are made with the agent's worker dispatched into them, looked into and deleted.
// Whatever fails there becomes a named error with its cause.
import { RoomAgentDispatch } from 'livekit-server-sdk'
import { AnswerTooLarge, LiveKitFailed, ServiceUnavailable } from '../../errors.ts'
import type { Participant } from '../../repositories/participants.ts'
import { departureTimeoutSeconds, emptyTimeoutSeconds } from '../../timings.ts'
import { agentJob, type RoomRequest } from './agent-job.ts'
import type { Api } from './api.ts'
import type { Ask } from './ask.ts'
import { toParticipant } from './facts.ts'
import { LiveKitFailure } from './failure.ts'
import { createTokenMaker, type TokenMaker } from './participant-token.ts'

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
  /**
   * Who is in the room. Throws ServiceUnavailable, also where the room is not there; AnswerTooLarge where participants and
   * tracks are more than is read.
   */
  listParticipants(roomName: string): Promise<Participant[]>
  /** Names of LiveKit's rooms: of all, or of these those that are there. Throws ServiceUnavailable. */
  listRooms(roomNames?: string[]): Promise<string[]>
  createToken: TokenMaker
}

export interface RoomsOptions {
  url: string
  apiKey: string
  apiSecret: string
}

/** What PostgreSQL takes as text: a NUL would fail all sessions that are activated with it. */
const roomSid = /^[!-~]{1,100}$/
/** Rooms asked for by name in one call. */
const namesPerCall = 100

/** Where LiveKit said when to come again, whoever asked us is told the same. */
function unavailable(cause: LiveKitFailure): never {
  const { retryAfterSeconds } = cause
  throw new ServiceUnavailable({
    cause,
    ...(retryAfterSeconds && { headers: { 'retry-after': String(retryAfterSeconds) } }),
  })
}

export function createRooms({ url, apiKey, apiSecret }: RoomsOptions, ask: Ask): LiveKit {
  return {
    // Some clients add to the path as it is.
    url: url.replace(/\/+$/, ''),
    async createRoom(request) {
      const { room_name, worker_name } = request
      // No room metadata: every participant could read it.
      const room = {
        name: room_name,
        emptyTimeout: emptyTimeoutSeconds,
        departureTimeout: departureTimeoutSeconds,
        maxParticipants: 1,
        agents: [new RoomAgentDispatch({ agentName: worker_name, metadata: agentJob(request) })],
      }
      const make = async (api: Api) => {
        const { name, sid, creationTimeMs } = await api.createRoom(room)
        if (name !== room_name || !roomSid.test(sid)) throw new LiveKitFailure('LiveKit answered with another room')
        return {
          room_sid: sid,
          worker_name,
          made_at: creationTimeMs > 0 ? new Date(Number(creationTimeMs)) : null,
        }
      }
      return ask('CreateRoom', make).catch((cause) => {
        if (cause.retryAfterSeconds) unavailable(cause)
        throw new LiveKitFailed({ cause })
      })
    },
    async deleteRoom(roomName) {
      await ask('DeleteRoom', (api) => api.deleteRoom(roomName)).catch(
        (cause) => cause.code === 'not_found' || unavailable(cause),
      )
    },
    async listParticipants(roomName) {
      const participants = await ask('ListParticipants', (api) => api.listParticipants(roomName)).catch((cause) => {
        if (cause instanceof AnswerTooLarge) throw cause
        return unavailable(cause)
      })
      return participants.map(toParticipant)
    },
    async listRooms(roomNames) {
      const found: string[] = []
      for (let start = 0; start < (roomNames?.length ?? 1); start += namesPerCall) {
        const names = roomNames?.slice(start, start + namesPerCall)
        const rooms = await ask('ListRooms', (api) => api.listRooms(names)).catch(unavailable)
        found.push(...rooms.map(({ name }) => name))
      }
      return found
    },
    createToken: createTokenMaker(apiKey, apiSecret),
  }
}
