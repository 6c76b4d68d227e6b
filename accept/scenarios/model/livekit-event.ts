// Who is in a room, as LiveKit's events and lists tell it.

export interface Guest {
  sid: string
  identity: string
  isAgent: boolean
  /** By LiveKit's clock, Unix milliseconds: when it connected. */
  joinedAt: number
  /** JOINED, without media, for as long as LiveKit lets it be; then it is ACTIVE. */
  isActive: boolean
  /** When LiveKit removes it, if it is not ACTIVE by then. By the model's clock. */
  removeAt: number
  /** Something is published, whether it is ACTIVE or not. */
  hasTrack: boolean
  /** Since when its connection is dead. */
  deadSince: number | undefined
}

type LiveKitEventName =
  | 'room_started'
  | 'room_finished'
  | 'participant_joined'
  | 'participant_left'
  | 'participant_connection_aborted'
  | 'track_published'

export interface LiveKitEvent {
  event: LiveKitEventName
  room: { name: string; sid: string }
  participant?: object
  createdAt: string
}

export const workerName = 'voice-agent'

/** Whether somebody is present, as docs/design.md defines it. */
export const isPresent = ({ isActive, hasTrack }: Guest): boolean => isActive || hasTrack

/** As the service knows somebody whom a look sees. */
export function toParticipant(guest: Guest) {
  const { sid, identity, isAgent, joinedAt } = guest
  const kind = isAgent ? ('agent' as const) : ('guest' as const)
  const worker_name = isAgent ? workerName : null
  return { sid, identity, kind, worker_name, connected_at: new Date(joinedAt), is_present: isPresent(guest) }
}

const seconds = (milliseconds: number) => String(Math.floor(milliseconds / 1000))

export function toLiveKitEvent(
  event: LiveKitEventName,
  { name, sid }: { name: string; sid: string },
  at: number,
  guest?: Guest,
  disconnectReason?: string,
): LiveKitEvent {
  // Of who has published LiveKit says no more than this.
  const who = guest && { sid: guest.sid, identity: guest.identity }
  const whole = guest && {
    ...who,
    state: guest.isActive ? 'ACTIVE' : 'JOINED',
    joinedAt: seconds(guest.joinedAt),
    joinedAtMs: String(guest.joinedAt),
    ...(guest.isAgent && { kind: 'AGENT', attributes: { 'lk.agent_name': workerName } }),
    ...(disconnectReason && { disconnectReason }),
  }
  const participant = event === 'track_published' ? who : whole
  return { event, room: { name, sid }, createdAt: seconds(at), ...(participant && { participant }) }
}
