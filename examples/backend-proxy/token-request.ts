// What a LiveKit client may ask of a token endpoint, and what this one leaves it to ask.

/** The fields of the convention, all optional, each in the spelling of the convention and in that of protobuf's JSON. */
const FIELDS = {
  room_name: 'roomName',
  participant_identity: 'participantIdentity',
  participant_name: 'participantName',
  participant_metadata: 'participantMetadata',
  participant_attributes: 'participantAttributes',
  room_config: 'roomConfig',
  agent_name: 'agentName',
}

/**
 * The first field that asks for something, or undefined. The convention wants a 4xx for what a client may not choose, and
 * here that is everything: the service names the room and the participant, and the agent is this backend's choice.
 */
export function refusedField(body: unknown): string | undefined {
  const asked = new Map(Object.entries(body ?? {}))
  const asks = (name: string) => !isEmpty(asked.get(name))
  return Object.entries(FIELDS).find(([name, jsonName]) => asks(name) || asks(jsonName))?.[0]
}

/** Some clients send what they leave out as null, "" or {}. */
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (typeof value === 'object' && value !== null) return Object.values(value).every(isEmpty)
  return value === undefined || value === null || value === ''
}
