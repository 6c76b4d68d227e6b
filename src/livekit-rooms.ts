// CreateRoom over a bare HTTP client: the one call of LiveKit's API that every session waits for. The SDK's own signs a
// token for each call and sends it by `fetch`, which takes several times the CPU.
import { EventEmitter } from 'node:events'
import { AccessToken } from 'livekit-server-sdk'
import { Pool } from 'undici'

export interface RoomMakerOptions {
  /** `http(s)://` or `ws(s)://`. */
  url: string
  apiKey: string
  apiSecret: string
  /** How long the whole call may take. */
  timeoutMilliseconds: number
}

/** LiveKit's CreateRoomRequest, as far as it is used here; times in seconds. */
export interface NewRoom {
  name: string
  emptyTimeout: number
  departureTimeout: number
  maxParticipants: number
  agents: { agentName: string; metadata: string }[]
}

export interface RoomMaker {
  /** Resolves with what LiveKit calls the room. Rejects where its answer is none, late, or not a room. */
  create(room: NewRoom): Promise<{ name: string; sid: string }>
  close(): Promise<void>
}

const path = '/twirp/livekit.RoomService/CreateRoom'
const maxConnections = 100
const tokenTtlSeconds = 600
const renewedAfterMilliseconds = 300_000

export function createRoomMaker({ url, apiKey, apiSecret, timeoutMilliseconds }: RoomMakerOptions): RoomMaker {
  const pool = new Pool(new URL(url.replace(/^ws/, 'http')).origin, {
    connections: maxConnections,
    connectTimeout: timeoutMilliseconds,
  })
  let authorization = ''
  let signedAt = 0

  async function authorize(): Promise<string> {
    // By the clock that LiveKit reads the token's expiry on, wherever that has been set to meanwhile.
    if (Math.abs(Date.now() - signedAt) > renewedAfterMilliseconds) {
      const token = new AccessToken(apiKey, apiSecret, { ttl: tokenTtlSeconds })
      token.addGrant({ roomCreate: true })
      authorization = `Bearer ${await token.toJwt()}`
      signedAt = Date.now()
    }
    return authorization
  }

  return {
    async create(room) {
      const headers = { authorization: await authorize(), 'content-type': 'application/json' }
      // To undici an emitter is as good as an AbortSignal, and cheaper.
      const signal = new EventEmitter()
      const timer = setTimeout(() => signal.emit('abort'), timeoutMilliseconds)
      try {
        const { statusCode, body } = await pool.request({
          method: 'POST',
          path,
          headers,
          body: JSON.stringify(room),
          signal,
        })
        const text = await body.text()
        if (statusCode !== 200) throw new Error(`CreateRoom answered ${statusCode}: ${text.slice(0, 200)}`)
        return JSON.parse(text)
      } finally {
        clearTimeout(timer)
      }
    },
    close: () => pool.destroy(),
  }
}
