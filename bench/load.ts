// The client of the benches: so many requests in flight on kept-alive connections, each answer awaited before the next
// request of that lane. It is the same for every contestant, and shares the machine with them.
import { Agent, request as send } from 'node:http'

/** Where requests go, and what the next one is. */
export interface Contestant {
  /** Names it in tables, such as `raw CreateRoom`. */
  name: string
  url: string
  /** The next request, with a body of its own. */
  next(): { method?: string; path: string; headers: Record<string, string>; body: string }
  /** Whether an answer counts; any other fails the bench. */
  accepts(status: number): boolean
  /** Sees each answer's body. */
  onAnswer?(text: string): void
  /** The process whose CPU time is its own; undefined where there is none. */
  pid?: number
}

export interface Load {
  requests: number
  /** Per second. */
  rate: number
  /** Milliseconds. */
  p50: number
  p99: number
}

/** One request, to the end of its answer: the milliseconds it took. */
function once(contestant: Contestant, agent: Agent): Promise<number> {
  const { method = 'POST', path, headers, body } = contestant.next()
  const startedAt = performance.now()
  return new Promise((resolve, reject) => {
    const outgoing = send(new URL(path, contestant.url), {
      method,
      agent,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    })
    outgoing.on('error', reject)
    outgoing.on('response', (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part) => {
        text += part
      })
      answer.on('error', reject).on('end', () => {
        if (contestant.accepts(answer.statusCode ?? 0)) {
          resolve(performance.now() - startedAt)
          contestant.onAnswer?.(text)
        } else reject(new Error(`${contestant.name} answered ${answer.statusCode}: ${text}`))
      })
    })
    outgoing.end(body)
  })
}

/** The value below which this share of the sorted values lies. */
export const quantile = (sorted: number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

export const median = (values: number[]): number =>
  quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  )

/** Keeps so many requests in flight until the time is over or so many have been sent. */
export async function load(
  contestant: Contestant,
  { concurrency, milliseconds = Number.POSITIVE_INFINITY, requests = Number.POSITIVE_INFINITY }: LoadOptions,
): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  const times: number[] = []
  const startedAt = performance.now()
  const endsAt = startedAt + milliseconds
  let sent = 0
  const lane = async () => {
    while (performance.now() < endsAt && sent++ < requests) times.push(await once(contestant, agent))
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
  const seconds = (performance.now() - startedAt) / 1000
  agent.destroy()
  times.sort((a, b) => a - b)
  return {
    requests: times.length,
    rate: times.length / seconds,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
  }
}

export interface LoadOptions {
  concurrency: number
  milliseconds?: number
  requests?: number
}
