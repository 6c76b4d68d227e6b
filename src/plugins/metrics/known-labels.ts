// The labels that counters are known to have: they start at 0. Others, such as an event that LiveKit learns one day, begin when
// they first happen.
export const livekitEvents = [
  'room_started',
  'room_finished',
  'participant_joined',
  'participant_left',
  'participant_connection_aborted',
  'track_published',
  'track_unpublished',
]

/** `signature`: 401, another key or clock, or not LiveKit. `size`: 413. `unavailable`: any other, after which LiveKit repeats it. */
export const refusals = ['signature', 'size', 'unavailable']

export const reaperActions = ['abandoned', 'carry_out', 'lost', 'wake', 'extend', 'end', 'handed_back']

export const sweepActions = ['room_deleted', 'session_settled', 'mass_absence']

export const deletionOutcomes = ['deleted', 'failed']

/** `overtaken`: an attempt took longer than its claim, or the delivery began anew meanwhile. */
export const deliveryResults = [
  ...['delivered', 'failed', 'given_up', 'expired', 'unsigned'],
  ...['endpoint_disabled', 'handed_back', 'overtaken'],
]
