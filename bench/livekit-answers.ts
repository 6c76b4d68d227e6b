// What livekit-server 1.13.5 says of a room with a caller and an agent who both publish sound: each field of its answers and
// events, as a real call had them.
import {
  ClientInfo_Capability,
  DisconnectReason,
  ListParticipantsResponse,
  ListRoomsResponse,
  ParticipantInfo,
  ParticipantInfo_Kind,
  ParticipantInfo_State,
  Room,
  TrackInfo,
  TrackSource,
  TrackType,
} from '@livekit/protocol'
import { agentName } from '../accept/postgres-and-livekit.ts'

type Message = Room | ListRoomsResponse | ListParticipantsResponse

/** As LiveKit writes it: all fields, in snake case, with a blank after each comma. */
export const json = (message: Message): string =>
  message
    .toJsonString({ emitDefaultValues: true, useProtoFieldName: true })
    .replaceAll(',"', ', "')
    .replaceAll('},{', '}, {')

const audio = ['PCMU', 'PCMA', 'opus', 'red'].map((name) => `audio/${name}`)
const video = ['VP8', 'H264', 'VP9', 'AV1', 'H265', 'rtx'].map((name) => `video/${name}`)
const enabledCodecs = [...audio, ...video].map((mime) => ({ mime }))

export interface RoomFacts {
  name: string
  /** 12 characters, from which the ids of room, participants and tracks are made. */
  id: string
  /** Unix milliseconds. */
  madeAt: number
}

export const roomOf = ({ name, id, madeAt }: RoomFacts): Room =>
  new Room({
    ...{ name, sid: `RM_${id}`, emptyTimeout: 60, departureTimeout: 10, maxParticipants: 1, enabledCodecs },
    creationTime: BigInt(Math.floor(madeAt / 1000)),
    creationTimeMs: BigInt(madeAt),
    turnPassword: 'TilQzEgguz5ecuecUAVkeZdAUGEYHaAyRNiEiY2hQ4fA',
  })

export type Who = 'caller' | 'agent'

export const trackOf = (who: Who, { id, madeAt }: RoomFacts): TrackInfo => {
  const codec = { mimeType: 'audio/red', mid: '7' }
  return new TrackInfo({
    ...codec,
    sid: `TR_AM${who === 'agent' ? 'A' : 'C'}${id.slice(1)}`,
    type: TrackType.AUDIO,
    name: who === 'agent' ? 'voice' : 'microphone',
    source: TrackSource.MICROPHONE,
    codecs: [{ ...codec, cid: '6309ac49-da38-4709-b8ea-10e8ae76814b' }],
    stream: 'camera',
    version: { unixMicro: BigInt(madeAt) * 1000n + 530_013n },
  })
}

/** Milliseconds after the room is made. */
export const joinedAfter = { agent: 320, caller: 620 }

const sidOf = (who: Who, id: string): string => `PA_${who === 'agent' ? 'A' : 'C'}${id.slice(1)}`

/** When they join they have published nothing yet. */
export type State = 'joining' | 'present' | 'left'

export function participantOf(who: Who, userId: string, facts: RoomFacts, state: State): ParticipantInfo {
  const joinedAtMs = facts.madeAt + joinedAfter[who]
  const isAgent = who === 'agent'
  const left = isAgent ? DisconnectReason.ROOM_CLOSED : DisconnectReason.CLIENT_INITIATED
  const attributes = { 'lk.agent.name': agentName, 'lk.agent_name': agentName }
  const agentOnly = { canPublishData: true, canUpdateMetadata: true, agent: true }
  return new ParticipantInfo({
    sid: sidOf(who, facts.id),
    identity: isAgent ? `agent-AJ_${facts.id}` : userId,
    state: state === 'left' ? ParticipantInfo_State.DISCONNECTED : ParticipantInfo_State.ACTIVE,
    joinedAt: BigInt(Math.floor(joinedAtMs / 1000)),
    joinedAtMs: BigInt(joinedAtMs),
    version: state === 'joining' ? 2 : 4,
    permission: { canSubscribe: true, canPublish: true, ...(isAgent && agentOnly) },
    isPublisher: state !== 'joining',
    clientProtocol: 2,
    capabilities: [ClientInfo_Capability.CAP_PACKET_TRAILER, ClientInfo_Capability.CAP_COMPRESSION_DEFLATE_RAW],
    ...(isAgent && { kind: ParticipantInfo_Kind.AGENT, attributes }),
    ...(state === 'left' && { disconnectReason: left }),
    ...(state === 'present' && { tracks: [trackOf(who, facts)] }),
  })
}

/** An answer in both of LiveKit's languages. */
export type Encoding = 'json' | 'protobuf'

/** A room within the answer of ListRooms: what is between the others is a comma, or nothing. */
export const listedRoom = (encoding: Encoding, room: Room): Buffer =>
  Buffer.from(encoding === 'json' ? json(room) : new ListRoomsResponse({ rooms: [room] }).toBinary())

export const listedParticipants = (encoding: Encoding, participants: ParticipantInfo[]): Buffer => {
  const answer = new ListParticipantsResponse({ participants })
  return Buffer.from(encoding === 'json' ? json(answer) : answer.toBinary())
}
