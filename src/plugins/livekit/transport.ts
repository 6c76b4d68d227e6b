// How LiveKit's API is called: what lies under the SDK's own RoomServiceClient, in place of its `fetch`, which takes many times
// the CPU. Connections that are kept, one timeout, and one bound on what is read.
import { type Dispatcher, Pool } from 'undici'
import { AnswerTooLarge } from '../../errors.ts'
import { maxBytes } from './bounds.ts'
import { LiveKitFailure, Refusal } from './failure.ts'
import { type Proxies, routeTo } from './route.ts'

export interface TransportOptions {
  /** `http(s)://` or `ws(s)://`; a path is kept. */
  url: string
  /** How long a connection may take to be made. */
  connectMilliseconds: number
  proxies: Proxies | undefined
}

/** The SDK's interface of a transport; resolves with the JSON of a 200. */
export interface Rpc {
  request(service: string, method: string, data: unknown, headers: Record<string, string>): Promise<unknown>
}

export interface Transport {
  /** Calls over connections that are kept, or each over a new one, with so much time until the answer is read to its end. */
  rpc(connection: 'kept' | 'new', milliseconds: number): Rpc
  /** Waits for the calls under way. */
  close(): Promise<void>
}

/** For looks and deletions; creates have their own, so that none waits behind looks that hang. */
const [maxConnections, maxCreateConnections] = [200, 100]
const idleMilliseconds = 30_000

export function createTransport({ url, connectMilliseconds, proxies }: TransportOptions): Transport {
  const { origin, prefix, headers, connect } = routeTo(
    new URL(url.replace(/^ws/, 'http')),
    proxies,
    connectMilliseconds,
  )
  const keepAliveTimeout = idleMilliseconds
  const pools = {
    creates: new Pool(origin, { connect, connections: maxCreateConnections, keepAliveTimeout }),
    others: new Pool(origin, { connect, connections: maxConnections, keepAliveTimeout }),
    new: new Pool(origin, { connect, connections: maxConnections, pipelining: 0 }),
  }

  function post(
    pool: Pool,
    method: string,
    options: Dispatcher.DispatchOptions & { body: string },
    milliseconds: number,
  ): Promise<string> {
    const limit = maxBytes(method, options.body)
    return new Promise((resolve, reject) => {
      const parts: Buffer[] = []
      let bytes = 0
      let status = 0
      let answered: Record<string, unknown> = {}
      let failure: Error | undefined
      let started: Dispatcher.DispatchController | undefined
      const fail = (error: Error) => {
        clearTimeout(timer)
        failure = error
        started?.abort(error)
        reject(error)
      }
      const timer = setTimeout(() => fail(new LiveKitFailure(`${method} took too long`)), milliseconds).unref()
      pool.dispatch(options, {
        onRequestStart(controller) {
          started = controller
          // Its time was over while it waited for a connection.
          if (failure) controller.abort(failure)
        },
        onResponseStart(_, statusCode, headers) {
          status = statusCode
          answered = headers
        },
        onResponseData(_, part) {
          bytes += part.length
          if (bytes <= limit) parts.push(part)
          // A long page of somebody else's, such as a proxy's, says nothing about a room.
          else if (status === 200 && /json/.test(String(answered['content-type']))) fail(new AnswerTooLarge(method))
          else fail(new LiveKitFailure(`${method} was answered ${status} with something too long`))
        },
        onResponseEnd() {
          clearTimeout(timer)
          const text = Buffer.concat(parts).toString()
          if (status === 200) resolve(text)
          else reject(new Refusal(text, status, answered['retry-after']?.toString()))
        },
        onResponseError: (_, error) => fail(error),
      })
    })
  }

  return {
    rpc: (connection, milliseconds) => ({
      async request(service, method, data, given) {
        const path = `${prefix}/twirp/livekit.${service}/${method}`
        const all = { ...headers, ...given, 'content-type': 'application/json' }
        const options = { path, method: 'POST', headers: all, body: JSON.stringify(data) } as const
        const kept = method === 'CreateRoom' ? pools.creates : pools.others
        return JSON.parse(await post(connection === 'new' ? pools.new : kept, method, options, milliseconds))
      },
    }),
    close: async () => {
      await Promise.all(Object.values(pools).map((pool) => pool.close()))
    },
  }
}
