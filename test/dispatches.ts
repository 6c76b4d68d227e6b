// What LiveKit itself says of the workers that were dispatched into a room.
import { AgentDispatchClient } from 'livekit-server-sdk'
import { parts } from './parts.ts'

const client = new AgentDispatchClient(parts.livekitUrl, parts.livekitApiKey, parts.livekitApiSecret)

/** The worker and the exact metadata of each dispatch. */
export async function dispatchesOf(roomName: string): Promise<{ worker: string; metadata: string }[]> {
  const dispatches = await client.listDispatch(roomName)
  return dispatches.map(({ agentName, metadata }) => ({ worker: agentName, metadata }))
}
