// The life of a session: creating → active → ending → ended. docs/design.md draws it, with who moves it on, and when.
//
//   creating   the request holds one minute's credits, has LiveKit make the room, then activates the session. If the request
//              dies, the session is found when its lease (`wake_at`) runs out, and settled as create_abandoned.
//   active     the reaper looks at the session whenever `wake_at` has come. What LiveKit says, in events and lists, is written
//              down first, as facts: who was in the room from when to when. Then `nextStep` decides from the facts alone: wait,
//              hold more credits, or end the call for a reason.
//   ending     the verdict is named: why and until when. Billing has stopped. The room is deleted, then the session settled;
//              if whoever named the verdict dies, the next look carries it out.
//   ended      settled once, by whoever comes first: the started minutes in which caller and agent were both in the room are
//              charged, the rest of what was held comes back.
//
// Rooms that LiveKit no longer has, or still has without reason, are found by the sweep.

/** Why a session ended. The contract describes the same words, and says what they mean to callers. */
export const endReasons = [
  // Named by LiveKit's event that the room is closed, or by the sweep, which finds it gone.
  'caller_left',
  'caller_never_joined',
  'room_missing',
  // Named by LiveKit's event that everybody had to leave, because somebody who has its key deleted the room.
  'ended_by_agent',
  // Named by whoever ends a call: over the API or on the command line.
  'ended_by_api',
  // Named by `nextStep`.
  'agent_unavailable',
  'agent_left',
  'credits_exhausted',
  'max_duration',
  'track_too_large',
  // Of sessions that never became active: LiveKit made no room, or the request died.
  'create_failed',
  'create_abandoned',
] as const

export type EndReason = (typeof endReasons)[number]

export type Status = 'creating' | 'active' | 'ended'

/** Where a session is in its life. `ending` is derived, and neither stored nor shown: an open session with a verdict. */
export type Phase = Status | 'ending'

export function phaseOf(session: { status: Status; end_reason: EndReason | null }): Phase {
  return session.status !== 'ended' && session.end_reason !== null ? 'ending' : session.status
}
