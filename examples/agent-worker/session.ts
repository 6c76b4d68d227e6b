// Which voice session a job belongs to.

/** What the service tells the agent; the same names as in the API. */
export interface VoiceSession {
  agent_id: string
  organization_id?: string
  user_id: string
  room_name: string
}

/** agent_{agent_id}_{user_id}_{timestamp}; a user id may itself contain underscores. */
const ROOM_NAME = /^agent_([0-9a-f-]{36})_([A-Za-z0-9._-]{1,128})_(\d{13})$/

/** From the metadata of the dispatch; without any (a worker started by hand, say), from the room's name. */
export function sessionOf(metadata: string, roomName: string): VoiceSession {
  if (metadata !== '') return JSON.parse(metadata)
  const [, agent_id, user_id] = ROOM_NAME.exec(roomName) ?? []
  if (agent_id === undefined || user_id === undefined) throw new Error(`${roomName} is not the room of a voice session`)
  return { agent_id, user_id, room_name: roomName }
}
