// LiveKit's webhooks as it sends them: the JSON of an event.

export interface Guest {
  sid: string
  identity: string
  isAgent: boolean
  /** By LiveKit's clock, Unix milliseconds. */
  joinedAt: number
  /** Since when its connection is dead. */
  deadSince: number | undefined
}

export type EventName = 'room_started' | 'room_finished' | 'participant_joined' | 'participant_left'

export interface Webhook {
  event: EventName
  room: { name: string; sid: string }
  participant?: object
  createdAt: string
}

const seconds = (milliseconds: number) => String(Math.floor(milliseconds / 1000))

export function toWebhook(
  event: EventName,
  { name, sid }: { name: string; sid: string },
  at: number,
  guest?: Guest,
  disconnectReason?: string,
): Webhook {
  const participant = guest && {
    sid: guest.sid,
    identity: guest.identity,
    state: 'ACTIVE',
    joinedAt: seconds(guest.joinedAt),
    joinedAtMs: String(guest.joinedAt),
    ...(guest.isAgent && { kind: 'AGENT' }),
    ...(disconnectReason && { disconnectReason }),
  }
  return { event, room: { name, sid }, createdAt: seconds(at), ...(participant && { participant }) }
}
