// Which call a job is for, and with what context: `AgentJob` in the service's openapi.yaml. Copy this file into your worker.

/** What the service tells the agent; the same names as in the API. Fields that are not here may come: ignore them. */
export interface AgentJob {
  agent_id: string
  /** The caller's identity in the room. */
  user_id: string
  /** The id of the session. */
  room_name: string
  /** Services of before 0.2.0 tell of these only the organization; a room's name tells of none. */
  organization_id?: string
  agent_name?: string
  /** `pipeline`, `realtime`, or what may come. */
  architecture?: string
  /** Counts the changes of the agent. */
  agent_version?: number
  /** After so many minutes of talk the service ends the call. */
  max_call_minutes?: number
  /** What the agent's owner configured. */
  config?: Record<string, unknown>
  /** What the backend gave for this call, such as the caller's name. */
  metadata?: Record<string, string>
  /** The backend's own name for the person who speaks. */
  user_identifier?: string
  /** W3C Trace Context of the request that created the session. */
  traceparent?: string
}

/** agent_{agent_id}_{user_id}_{timestamp}; a user id may itself contain underscores. */
const ROOM_NAME = /^agent_([0-9a-f-]{36})_([A-Za-z0-9._-]{1,128})_(\d{13})$/

/** From the metadata of the dispatch; without any (a worker started by hand, say), from the room's name. */
export function agentJobOf(metadata: string, roomName: string): AgentJob {
  if (metadata === '') return jobOfRoom(roomName)
  const job = JSON.parse(metadata)
  for (const name of ['agent_id', 'user_id', 'room_name'])
    if (typeof job?.[name] !== 'string') throw new Error(`the dispatch's metadata has no ${name}`)
  return job
}

function jobOfRoom(room_name: string): AgentJob {
  const [, agent_id, user_id] = ROOM_NAME.exec(room_name) ?? []
  if (agent_id === undefined || user_id === undefined)
    throw new Error(`${room_name} is not the room of a voice session`)
  return { agent_id, user_id, room_name }
}
