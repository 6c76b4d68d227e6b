// Sessions that are created at a steady pace, however long that takes.
import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRequest, inTurn } from './contestants.ts'
import { type Times, timesOf } from './figures.ts'
import type { Side } from './live-side.ts'
import { ask } from './load.ts'

interface Pace {
  perSecond: number
  /** Each is ended by the API when it is so old; never where nothing is said. */
  lifeMilliseconds?: number
}

/** Begins; stops when the returned function is called, which tells how long creates took, and how many were answered 503. */
export function startCreates(
  { customers, replicas }: Pick<Side, 'customers' | 'replicas'>,
  { perSecond, lifeMilliseconds }: Pace,
): () => Promise<Times & { refused: number }> {
  const agent = new Agent({ keepAlive: true })
  const next = inTurn(customers)
  const nextReplica = inTurn(replicas)
  const times: number[] = []
  let refused = 0
  let isStopping = false

  async function create(): Promise<void> {
    const { url } = nextReplica()
    const request = createRequest(next())
    // A service with too much to do may say so: that is an answer, too.
    const { text, milliseconds } = await ask(url, request, [200, 503], agent)
    times.push(milliseconds)
    const { room_name } = JSON.parse(text)
    if (!room_name) refused++
    if (!room_name || lifeMilliseconds === undefined) return
    await sleep(lifeMilliseconds)
    const path = `${request.path}/${room_name}`
    await ask(url, { ...request, method: 'DELETE', path, body: '' }, [200, 503], agent)
  }

  async function run(): Promise<void> {
    const startedAt = performance.now()
    const creates: Promise<void>[] = []
    while (!isStopping) {
      creates.push(create())
      await sleep(Math.max(0, startedAt + (creates.length * 1000) / perSecond - performance.now()))
    }
    await Promise.all(creates)
  }

  const running = run()
  // Told of only when it is stopped.
  running.catch(() => {})
  return async () => {
    isStopping = true
    await running
    agent.destroy()
    return { ...timesOf(times), refused }
  }
}
