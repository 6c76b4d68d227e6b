// What a LiveKit client may ask of a token endpoint, and what this one leaves it to ask.

/** The fields of the convention but `participant_name`, each in its spelling and in that of protobuf's JSON. */
const FIELDS = {
  room_name: 'roomName',
  participant_identity: 'participantIdentity',
  participant_metadata: 'participantMetadata',
  participant_attributes: 'participantAttributes',
  room_config: 'roomConfig',
  agent_name: 'agentName',
}

/**
 * The first field that asks for something, or undefined. The convention wants a 4xx for what a client may not choose, and
 * here that is nearly everything: the service names the room and the participant's identity, and the agent is this backend's
 * choice.
 */
export function refusedField(body: unknown): string | undefined {
  const asked = new Map(Object.entries(body ?? {}))
  const asks = (name: string) => !isEmpty(asked.get(name))
  return Object.entries(FIELDS).find(([name, jsonName]) => asks(name) || asks(jsonName))?.[0]
}

/** How the participant wants to be called. It says who speaks; the identity in the room stays the service's choice. */
export function nameIn(body: unknown): string | undefined {
  const asked = new Map(Object.entries(body ?? {}))
  return asked.get('participant_name') || asked.get('participantName')
}

/** Some clients send what they leave out as null, "" or {}. */
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (typeof value === 'object' && value !== null) return Object.values(value).every(isEmpty)
  return value === undefined || value === null || value === ''
}
