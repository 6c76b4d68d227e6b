// The agents of these calls: LiveKit dispatches them like any worker's, but all are in this process, and say nothing. A process
// for each would take most of a small machine.
import { once } from 'node:events'
import { JobType, ServerMessage, WorkerMessage } from '@livekit/protocol'
import type { AudioStream, Room } from '@livekit/rtc-node'
import { AccessToken } from 'livekit-server-sdk'
import { WebSocket } from 'undici'
import type { RunningLivekit } from '../../../demo/livekit-server.ts'
import { rtc } from '../../../demo/rtc.ts'
import { isAudible } from '../../../demo/tone.ts'
import { agentName } from '../../postgres-and-livekit.ts'
import { enter } from './enter.ts'

export interface Agent {
  room: Room
  /** Seconds of sound that it has heard of callers. */
  heard: number
}

export interface Agents {
  /** Those that have come, by the name of their room. */
  byRoom: Map<string, Agent>
  /** No agent is sent to a room whose name holds one of these. */
  refused: Set<string>
  close(): Promise<void>
}

const frameSizeMs = 20

async function listen(stream: AudioStream, agent: Agent): Promise<void> {
  for await (const { data } of stream) if (isAudible(data)) agent.heard += frameSizeMs / 1000
}

async function enterAsAgent(url: string, token: string): Promise<Agent> {
  const agent = { room: new rtc.Room(), heard: 0 }
  agent.room.on(rtc.RoomEvent.TrackSubscribed, (track) => {
    void listen(new rtc.AudioStream(track, { sampleRate: 48_000, numChannels: 1, frameSizeMs }), agent)
  })
  await enter(agent.room, url, token, true)
  return agent
}

/** Registers with LiveKit by the worker's side of its protocol. */
export async function startAgents({ url, apiKey, apiSecret }: RunningLivekit): Promise<Agents> {
  const token = new AccessToken(apiKey, apiSecret, { ttl: '1h' })
  token.addGrant({ agent: true })
  const socket = new WebSocket(`${url}/agent`, { headers: { authorization: `Bearer ${await token.toJwt()}` } })
  socket.binaryType = 'arraybuffer'
  const send = (message: ConstructorParameters<typeof WorkerMessage>[0]) =>
    socket.send(new WorkerMessage(message).toBinary())
  const agents: Agents = {
    byRoom: new Map(),
    refused: new Set(),
    async close() {
      socket.close()
      await Promise.all([...agents.byRoom.values()].map(({ room }) => room.disconnect()))
    },
  }
  const registered = new Promise<void>((resolve) => {
    socket.addEventListener('message', async ({ data }) => {
      const { message } = ServerMessage.fromBinary(new Uint8Array(data as ArrayBuffer))
      if (message.case === 'register') resolve()
      if (message.case !== 'availability' && message.case !== 'assignment') return
      const { id: jobId = '', room } = message.value.job ?? {}
      const name = room?.name ?? ''
      if (message.case === 'assignment') {
        // Where the room is gone by now, no agent comes.
        const agent = await enterAsAgent(url, message.value.token).catch(() => undefined)
        if (agent) agents.byRoom.set(name, agent)
        return
      }
      const available = ![...agents.refused].some((part) => name.includes(part))
      const value = { jobId, available, participantIdentity: `agent-${jobId}`, participantName: 'agent' }
      send({ message: { case: 'availability', value } })
    })
  })
  await once(socket as never, 'open')
  const worker = { type: JobType.JT_ROOM, agentName, version: '1.0.0', pingInterval: 30 }
  send({ message: { case: 'register', value: worker } })
  await registered
  return agents
}
