// The client of the benches. It keeps so many requests in flight on connections that stay open. It is the same for every
// contestant, and shares the machine with them.
import { Agent, request as send } from 'node:http'
import { type Times, timesOf } from './figures.ts'

export interface Request {
  /** POST where none is named. */
  method?: string
  path: string
  headers: Record<string, string>
  body: string
}

/** Where requests go, and what the next one is. */
export interface Contestant {
  url: string
  next(): Request
  /** The statuses that count, 200 where none are named. Any other fails the bench. */
  accepts?: number[]
  /** The process whose CPU time is its own; undefined where there is none. */
  pid?: number
}

/** Sends one request. Milliseconds are counted to the end of its answer, which must have one of these statuses. */
export function ask(url: string, request: Request, accepts = [200], agent?: Agent) {
  const { method = 'POST', path, headers, body } = request
  const options = { method, agent, headers: { ...headers, 'content-length': Buffer.byteLength(body) } }
  const startedAt = performance.now()
  return new Promise<{ text: string; milliseconds: number }>((resolve, reject) => {
    const outgoing = send(new URL(path, url), options, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part) => {
        text += part
      })
      answer.on('error', reject).on('end', () => {
        if (accepts.includes(answer.statusCode ?? 0)) resolve({ text, milliseconds: performance.now() - startedAt })
        else reject(new Error(`${method} ${url}${path} was answered ${answer.statusCode}: ${text}`))
      })
    })
    outgoing.on('error', reject).end(body)
  })
}

/** Does the work so many times at once. */
export async function atOnce(count: number, work: (number: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, number) => work(number)))
}

export interface Load extends Times {
  requests: number
  /** Requests per second. */
  rate: number
}

/** Keeps so many requests in flight until the time is over. */
export async function load(
  { url, next, accepts }: Contestant,
  concurrency: number,
  milliseconds: number,
): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  const times: number[] = []
  const startedAt = performance.now()
  await atOnce(concurrency, async () => {
    while (performance.now() < startedAt + milliseconds)
      times.push((await ask(url, next(), accepts, agent)).milliseconds)
  })
  const seconds = (performance.now() - startedAt) / 1000
  agent.destroy()
  return { requests: times.length, rate: times.length / seconds, ...timesOf(times) }
}
