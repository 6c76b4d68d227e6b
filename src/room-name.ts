// The room name, `agent_{agent_id}_{user_id}_{timestamp}`: what a session is called everywhere, and what an agent's
// worker can parse.

/** User ids are 1 to 128 of these characters, so that they fit into a room name and a LiveKit identity unchanged. */
export const userIdPattern = /^[A-Za-z0-9._-]{1,128}$/

const roomNamePattern = /^agent_([0-9a-f-]{36})_([A-Za-z0-9._-]{1,128})_(\d{13})$/

export interface RoomNameParts {
  /** The full agent UUID, lower case. */
  agentId: string
  userId: string
  /** Unix milliseconds, 13 digits. */
  timestamp: number
}

/** The name of a room. Throws a RangeError where the parts would make a name that `parseRoomName` refuses. */
export function formatRoomName({ agentId, userId, timestamp }: RoomNameParts): string {
  const roomName = `agent_${agentId}_${userId}_${timestamp}`
  if (!roomNamePattern.test(roomName)) throw new RangeError('not the parts of a room name')
  return roomName
}

/** The parts of a room name, or undefined where it is none. User ids may themselves hold underscores and digits. */
export function parseRoomName(roomName: string): RoomNameParts | undefined {
  const [, agentId, userId, timestamp] = roomNamePattern.exec(roomName) ?? []
  if (agentId === undefined || userId === undefined) return undefined
  return { agentId, userId, timestamp: Number(timestamp) }
}
