// How LiveKit's API is called: the transport under the SDK's own RoomServiceClient, which would otherwise use `fetch`, at twice
// the CPU. One timeout, one bound on answers, one repeat, and errors that carry no secret.
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici'
import { createRepeatMilliseconds } from '../../timings.ts'
import { AnswerTooLarge, LiveKitRefusal, refusalOf } from './refusals.ts'

export interface TransportOptions {
  /** `http(s)://` or `ws(s)://`; a path is kept. */
  url: string
  /** How long a call may take, its repeat included; CreateRoom's repeat has this time once more. */
  timeoutMilliseconds: number
  /** Whether HTTP_PROXY, HTTPS_PROXY and NO_PROXY are followed. */
  usesProxies: boolean
}

/** The SDK's `Rpc`. */
export interface Transport {
  request(service: string, method: string, data: unknown, headers: Record<string, string>): Promise<string>
  close(): Promise<void>
}

interface Call {
  method: string
  body: string
  headers: Record<string, string>
}

/** As many as looks and deletions take at once; creates have their own, so that none waits behind a dead node's rooms. */
const [maxConnections, maxCreateConnections] = [200, 100]
const idleMilliseconds = 30_000
const kibibyte = 1024
/** A room of callers and agents takes a few. Whoever publishes more could not be followed: LiveKit's events would be too large. */
const maxParticipantsBytes = 128 * kibibyte
/** All rooms: some 500 bytes each, of 100,000 rooms. */
const maxRoomsBytes = 64 * kibibyte * kibibyte
const maxAnswerBytes = kibibyte * kibibyte
const maxBytes: Record<string, number> = { ListParticipants: maxParticipantsBytes, ListRooms: maxRoomsBytes }

export function createTransport({ url, timeoutMilliseconds, usesProxies }: TransportOptions): Transport {
  const { origin, pathname } = new URL(url.replace(/^ws/, 'http'))
  const prefix = pathname.replace(/\/+$/, '')
  const connect = (options: Agent.Options): Dispatcher =>
    usesProxies ? new EnvHttpProxyAgent(options) : new Agent(options)
  const creates = connect({ connections: maxCreateConnections, keepAliveTimeout: idleMilliseconds })
  const others = connect({ connections: maxConnections, keepAliveTimeout: idleMilliseconds })
  // Each call has a connection of its own, which nobody can have closed meanwhile.
  const fresh = connect({ pipelining: 0 })

  /** Resolves with the text of a 200, rejects with anything else. */
  function send(dispatcher: Dispatcher, { method, body, headers }: Call, milliseconds: number): Promise<string> {
    const path = `${prefix}/twirp/livekit.RoomService/${method}`
    return new Promise((resolve, reject) => {
      const parts: Buffer[] = []
      let bytes = 0
      let status = 0
      let retryAfter: string | undefined
      let failure: Error | undefined
      let controller: Dispatcher.DispatchController | undefined
      const fail = (error: Error) => {
        clearTimeout(timer)
        failure ??= error
        controller?.abort(failure)
        reject(failure)
      }
      const timer = setTimeout(() => fail(new Error(`${method} took too long`)), milliseconds)
      dispatcher.dispatch(
        { origin, path, method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body },
        {
          onRequestStart(started) {
            controller = started
            if (failure) controller.abort(failure)
          },
          onRequestUpgrade: () => fail(new Error(`${method} was answered by a switch of protocols`)),
          onResponseStart(_, statusCode, answered) {
            status = statusCode
            retryAfter = String(answered['retry-after'] ?? '') || undefined
          },
          onResponseData(_, part) {
            bytes += part.length
            if (bytes > (maxBytes[method] ?? maxAnswerBytes)) fail(new AnswerTooLarge(`${method} answered too much`))
            else parts.push(part)
          },
          onResponseEnd() {
            clearTimeout(timer)
            const text = Buffer.concat(parts).toString()
            if (status === 200) resolve(text)
            else reject(refusalOf(method, status, text, retryAfter))
          },
          onResponseError: (_, error) => fail(error),
        },
      )
    })
  }

  /** A call that failed early is repeated once, over a new connection: LiveKit answers a repeat with the same. */
  function isRepeated(method: string, error: unknown, elapsed: number): boolean {
    if (elapsed > createRepeatMilliseconds || error instanceof AnswerTooLarge) return false
    if (error instanceof LiveKitRefusal) return method === 'CreateRoom' && error.status !== 429
    return true
  }

  return {
    async request(_, method, data, headers) {
      const call = { method, headers, body: JSON.stringify(data) }
      const startedAt = performance.now()
      try {
        return JSON.parse(await send(method === 'CreateRoom' ? creates : others, call, timeoutMilliseconds))
      } catch (error) {
        const elapsed = performance.now() - startedAt
        if (!isRepeated(method, error, elapsed)) throw error
        const left = method === 'CreateRoom' ? timeoutMilliseconds : timeoutMilliseconds - elapsed
        return JSON.parse(await send(fresh, call, left))
      }
    },
    async close() {
      await Promise.all([creates, others, fresh].map((dispatcher) => dispatcher.destroy()))
    },
  }
}
