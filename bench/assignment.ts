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

/** Is told of each room whose job is assigned, with the token to enter it. */
export async function startIdleWorker({ livekit }: Parts, assigned: (room: string, token: string) => void) {
  const token = new AccessToken(livekit.apiKey, livekit.apiSecret, { ttl: '1h' })
  token.addGrant({ agent: true })
  const socket = new WebSocket(`${livekit.url}/agent`, { headers: { authorization: `Bearer ${await token.toJwt()}` } })
  socket.binaryType = 'arraybuffer'
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
      if (message.case === 'assignment') assigned(message.value.job?.room?.name ?? '', message.value.token)
    })
  })
  await once(socket as never, 'open')
  const worker = { type: JobType.JT_ROOM, agentName, version: '1.0.0', pingInterval: 30 }
  send({ message: { case: 'register', value: worker } })
  await registered
  return { close: () => socket.close() }
}

/** Milliseconds until each room had its agent. Throws where one got none. */
export async function timesToAssignment(
  parts: Parts,
  { url, next }: Contestant,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<number[]> {
  const assignedAt = new Map<string, number>()
  const worker = await startIdleWorker(parts, (room) => assignedAt.set(room, performance.now()))
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
  while (assignedAt.size < sent.length && performance.now() < endsAt) await sleep(50)
  worker.close()
  await parts.clean()
  return sent.map(({ room, at }) => {
    const until = assignedAt.get(room)
    if (until === undefined) throw new Error(`the agent was not sent to ${room}`)
    return until - at
  })
}
