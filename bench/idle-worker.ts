// A worker that accepts every job and does nothing with it: what is measured is how soon LiveKit sends it. It speaks the
// worker side of LiveKit's agent protocol.
import { once } from 'node:events'
import { JobType, ServerMessage, WorkerMessage } from '@livekit/protocol'
import { AccessToken } from 'livekit-server-sdk'
import { WebSocket } from 'undici'
import { agentName, type Parts } from './parts.ts'

export interface IdleWorker {
  /** performance.now() at which the job for each room was assigned. */
  assignedAt: Map<string, number>
  close(): void
}

export async function startIdleWorker({ livekit }: Parts): Promise<IdleWorker> {
  const token = new AccessToken(livekit.apiKey, livekit.apiSecret, { ttl: '1h' })
  token.addGrant({ agent: true })
  const socket = new WebSocket(`${livekit.url}/agent`, { headers: { authorization: `Bearer ${await token.toJwt()}` } })
  socket.binaryType = 'arraybuffer'
  const assignedAt = new Map<string, number>()
  const send = (message: ConstructorParameters<typeof WorkerMessage>[0]) =>
    socket.send(new WorkerMessage(message).toBinary())

  const registered = new Promise<void>((resolve) => {
    socket.addEventListener('message', ({ data }) => {
      const { message } = ServerMessage.fromBinary(new Uint8Array(data as ArrayBuffer))
      if (message.case === 'register') resolve()
      if (message.case === 'availability') {
        const jobId = message.value.job?.id ?? ''
        const value = { jobId, available: true, participantIdentity: `agent-${jobId}`, participantName: 'agent' }
        send({ message: { case: 'availability', value } })
      }
      if (message.case === 'assignment') assignedAt.set(message.value.job?.room?.name ?? '', performance.now())
    })
  })
  await once(socket as never, 'open')
  send({
    message: { case: 'register', value: { type: JobType.JT_ROOM, agentName, version: '1.0.0', pingInterval: 30 } },
  })
  await registered
  return { assignedAt, close: () => socket.close() }
}
