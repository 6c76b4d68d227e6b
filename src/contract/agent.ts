// An agent as the wire shows it: what a caller needs to know before a call, never what its worker is told.
import type { ShownAgent } from '../repositories/shown-agents.ts'
import type { Agent } from './openapi.gen.ts'

/** @param maxCallMinutes the service's own limit; an agent can only have a shorter one */
export function toAgent(agent: ShownAgent, maxCallMinutes: number): Agent {
  const { id, name, version, architecture, credits_per_minute, max_call_minutes } = agent
  return {
    agent_id: id,
    agent_name: name,
    agent_version: version,
    architecture,
    credits_per_minute,
    max_call_minutes: Math.min(max_call_minutes ?? maxCallMinutes, maxCallMinutes),
  }
}
