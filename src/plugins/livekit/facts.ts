// What LiveKit says about rooms and participants, in our words and units.
import { type ParticipantInfo, ParticipantInfo_State, type WebhookEvent } from 'livekit-server-sdk'

export interface Participant {
  sid: string
  identity: string
  is_agent: boolean
  /** LiveKit's clock, milliseconds. */
  joined_at: Date
  /** True once media is up; only then has somebody joined. */
  is_active: boolean
}

export interface LiveKitEvent {
  /** LiveKit's name of it, such as `participant_joined`. */
  name: string
  /** LiveKit's clock, whole seconds. */
  at: Date
  room_name: string
  room_sid: string
  participant: Participant | undefined
  /** The participant's connection broke; LiveKit noticed it about 20 s later. */
  connection_lost: boolean
}

/** ParticipantInfo.Kind AGENT and DisconnectReason CONNECTION_TIMEOUT of LiveKit's protocol; the SDK exports neither enum. */
const agentKind = 4
const connectionTimeout = 14

export function toParticipant(info: ParticipantInfo): Participant {
  return {
    sid: info.sid,
    identity: info.identity,
    is_agent: Number(info.kind) === agentKind,
    joined_at: new Date(Number(info.joinedAtMs || info.joinedAt * 1000n)),
    is_active: info.state === ParticipantInfo_State.ACTIVE,
  }
}

export function toEvent(event: WebhookEvent): LiveKitEvent {
  return {
    name: event.event,
    at: new Date(Number(event.createdAt) * 1000),
    room_name: event.room?.name ?? '',
    room_sid: event.room?.sid ?? '',
    participant: event.participant && toParticipant(event.participant),
    connection_lost: Number(event.participant?.disconnectReason) === connectionTimeout,
  }
}
