// What LiveKit says about rooms and participants, in our words and units.
import { type ParticipantInfo, ParticipantInfo_State, type WebhookEvent } from 'livekit-server-sdk'
import type { Participant } from '../../repositories/participants.ts'

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
  /** The participant had to leave, because somebody deleted the room. */
  room_deleted: boolean
}

/** ParticipantInfo.Kind AGENT and values of DisconnectReason of LiveKit's protocol; the SDK exports neither enum. */
const agentKind = 4
const roomDeleted = 5
const connectionTimeout = 14

/** What LiveKit's agent framework and LiveKit itself say of an agent: which worker plays it, and for whom it publishes. */
const workerNameAttribute = 'lk.agent_name'
const onBehalfAttribute = 'lk.publish_on_behalf'

/** Text that PostgreSQL takes: it has no NUL. Clients choose some of what LiveKit tells. */
const text = (told: string): string => told.replaceAll('\0', '\uFFFD')

/** A client that asks LiveKit to publish alone is its participant's identity, `#`, and what it likes. No identity here has a `#`. */
const withoutSuffix = (identity: string): string => text(identity).replace(/#.*$/s, '')

/** An agent is a worker's, and not one that speaks on behalf of another, such as an avatar. */
function kindOf({ kind, attributes }: ParticipantInfo): Participant['kind'] {
  if (Number(kind) !== agentKind) return 'guest'
  return attributes[onBehalfAttribute] ? 'other' : 'agent'
}

export function toParticipant(info: ParticipantInfo): Participant {
  const connectedAt = Number(info.joinedAtMs || info.joinedAt * 1000n)
  return {
    sid: text(info.sid),
    identity: withoutSuffix(info.identity),
    kind: kindOf(info),
    worker_name: text(info.attributes[workerNameAttribute] ?? '') || null,
    connected_at: connectedAt === 0 ? null : new Date(connectedAt),
    is_present: info.state === ParticipantInfo_State.ACTIVE || info.tracks.length > 0,
  }
}

export function toLiveKitEvent(event: WebhookEvent): LiveKitEvent {
  const reason = Number(event.participant?.disconnectReason)
  return {
    name: text(event.event),
    at: new Date(Number(event.createdAt) * 1000),
    room_name: text(event.room?.name ?? ''),
    room_sid: text(event.room?.sid ?? ''),
    participant: event.participant && toParticipant(event.participant),
    connection_lost: reason === connectionTimeout,
    room_deleted: reason === roomDeleted,
  }
}
