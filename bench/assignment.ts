// From the request for a room to LiveKit's assignment of the agent's job, at a steady pace and with a worker that accepts and
// does nothing.
import { setTimeout as sleep } from 'node:timers/promises'
import { startIdleWorker } from './idle-worker.ts'
import type { Contestant } from './load.ts'
import type { Parts } from './parts.ts'

export interface Pace {
  perSecond: number
  seconds: number
}

/** How long the last rooms may wait for their agents. */
const patienceMilliseconds = 10_000

interface Sent {
  roomName: string
  at: number
}

/** Sends requests at a steady pace, whatever becomes of them; when each was sent, and for which room. */
async function send(contestant: Contestant, { perSecond, seconds }: Pace): Promise<Sent[]> {
  const answers: Promise<Sent>[] = []
  const startedAt = performance.now()
  for (let number = 0; number < seconds * perSecond; number++) {
    await sleep(Math.max(0, startedAt + (number * 1000) / perSecond - performance.now()))
    const { path, headers, body } = contestant.next()
    const at = performance.now()
    const ask = async () => {
      const answer = await fetch(new URL(path, contestant.url), { method: 'POST', headers, body })
      const { room_name, name } = (await answer.json()) as { room_name?: string; name?: string }
      return { roomName: room_name ?? name ?? '', at }
    }
    answers.push(ask())
  }
  return Promise.all(answers)
}

/** Milliseconds until each room had its agent, sorted. Throws where one got none. */
export async function timesToAssignment(parts: Parts, contestant: Contestant, pace: Pace): Promise<number[]> {
  const worker = await startIdleWorker(parts)
  const sent = await send(contestant, pace)
  const endsAt = performance.now() + patienceMilliseconds
  while (worker.assignedAt.size < sent.length && performance.now() < endsAt) await sleep(50)
  worker.close()
  await parts.clean()
  const times = sent.map(({ roomName, at }) => (worker.assignedAt.get(roomName) ?? Number.POSITIVE_INFINITY) - at)
  if (times.some((time) => !Number.isFinite(time))) throw new Error(`${contestant.name}: not every room got its agent`)
  return times.sort((a, b) => a - b)
}
