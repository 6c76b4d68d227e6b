// From the request for a room to LiveKit's assignment of the agent's job, at a steady pace. The worker accepts every job and
// does nothing: it speaks the worker side of LiveKit's agent protocol.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { JobType, ServerMessage, WorkerMessage } from '@livekit/protocol'
import { AccessToken } from 'livekit-server-sdk'
import { WebSocket } from 'undici'
import { agentName } from '../accept/postgres-and-livekit.ts'
import { ask, type Contestant } from './load.ts'
import type { Parts } from './parts.ts'

/** How long the last rooms may wait for their agents. */
const waitMilliseconds = 10_000

/** For each room, performance.now() at which its job was assigned. */
async function startIdleWorker({ livekit }: Parts) {
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
  const worker = { type: JobType.JT_ROOM, agentName, version: '1.0.0', pingInterval: 30 }
  send({ message: { case: 'register', value: worker } })
  await registered
  return { assignedAt, close: () => socket.close() }
}

/** Milliseconds until each room had its agent. Throws where one got none. */
export async function timesToAssignment(
  parts: Parts,
  { url, next }: Contestant,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<number[]> {
  const worker = await startIdleWorker(parts)
  const requests: Promise<{ room: string; at: number }>[] = []
  const request = async () => {
    const at = performance.now()
    const { room_name, name } = JSON.parse((await ask(url, next())).text)
    return { room: room_name ?? name, at }
  }
  const startedAt = performance.now()
  // The pace is kept, whatever becomes of the requests.
  for (let number = 0; number < seconds * perSecond; number++) {
    await sleep(Math.max(0, startedAt + (number * 1000) / perSecond - performance.now()))
    requests.push(request())
  }
  const sent = await Promise.all(requests)
  const endsAt = performance.now() + waitMilliseconds
  while (worker.assignedAt.size < sent.length && performance.now() < endsAt) await sleep(50)
  worker.close()
  await parts.clean()
  return sent.map(({ room, at }) => {
    const assignedAt = worker.assignedAt.get(room)
    if (assignedAt === undefined) throw new Error(`the agent was not sent to ${room}`)
    return assignedAt - at
  })
}
