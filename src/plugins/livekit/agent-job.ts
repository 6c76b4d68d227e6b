// What a worker is told of the call that it is sent into: the metadata of its dispatch, `AgentJob` in the contract. It is made
// here only. It holds what no participant and no log may have.
import type { AgentJob } from '../../contract/openapi.gen.ts'

/** The part of a voice session that LiveKit is told about; null for what is absent. */
export interface RoomRequest {
  room_name: string
  organization_id: string
  user_id: string
  agent_id: string
  agent_name: string
  architecture: string
  agent_version: number
  max_call_minutes: number
  /** The worker that is dispatched. */
  worker_name: string
  config: Record<string, unknown> | null
  metadata: Record<string, string> | null
  user_identifier: string | null
  traceparent: string | null
}

/** PostgreSQL keeps them in another order than they came in: a repeat that takes the session over has the same job. */
const inOrder = (texts: Record<string, string>) =>
  Object.fromEntries(Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1)))

/** Compact JSON. */
export function agentJob(request: RoomRequest): string {
  const { agent_id, agent_name, architecture, agent_version, organization_id, user_id, room_name } = request
  const { max_call_minutes, config, metadata, user_identifier, traceparent } = request
  const job: AgentJob = {
    agent_id,
    agent_name,
    architecture,
    agent_version,
    organization_id,
    user_id,
    room_name,
    max_call_minutes,
    ...(config && { config }),
    ...(metadata && { metadata: inOrder(metadata) }),
    ...(user_identifier !== null && { user_identifier }),
    ...(traceparent !== null && { traceparent }),
  }
  return JSON.stringify(job)
}
