// CreateRoom over a bare HTTP client: the one call of LiveKit's API that every session waits for. The SDK's own signs a
// token for each call and sends it by `fetch`, which takes several times the CPU.
import http from 'node:http'
import https from 'node:https'
import { AccessToken } from 'livekit-server-sdk'
import { apiTokenRenewSeconds, apiTokenTtlSeconds } from '../../timings.ts'

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
  /**
   * Resolves with LiveKit's answer: its fields are in snake case, unlike those of webhooks. Rejects where there is none in
   * time, where it is a refusal, and where it is not JSON.
   */
  create(room: NewRoom): Promise<{ name: string; sid: string; creation_time_ms?: string }>
  close(): void
}

const path = '/twirp/livekit.RoomService/CreateRoom'
const maxConnections = 100

export function createRoomMaker({ url, apiKey, apiSecret, timeoutMilliseconds }: RoomMakerOptions): RoomMaker {
  const endpoint = new URL(path, url.replace(/^ws/, 'http'))
  const { request: send, Agent } = endpoint.protocol === 'https:' ? https : http
  const agent = new Agent({ keepAlive: true, maxSockets: maxConnections })
  let authorization = ''
  let signedAt = 0

  async function authorize(): Promise<string> {
    // LiveKit compares the expiry with its wall clock, and ours may have been set forward or back since.
    if (Math.abs(Date.now() - signedAt) > apiTokenRenewSeconds * 1000) {
      const token = new AccessToken(apiKey, apiSecret, { ttl: apiTokenTtlSeconds })
      token.addGrant({ roomCreate: true })
      authorization = `Bearer ${await token.toJwt()}`
      signedAt = Date.now()
    }
    return authorization
  }

  /** Resolves with the text of a 200, rejects with anything else. */
  function post(body: string, authorization: string): Promise<string> {
    const headers = { authorization, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    return new Promise((resolve, reject) => {
      const outgoing = send(endpoint, { method: 'POST', agent, headers })
      const timer = setTimeout(() => outgoing.destroy(new Error('CreateRoom took too long')), timeoutMilliseconds)
      outgoing.on('close', () => clearTimeout(timer)).on('error', reject)
      // Node takes this for neither an answer nor an error.
      outgoing.on('upgrade', (_answer, socket) => {
        socket.destroy()
        reject(new Error('CreateRoom was answered by a switch of protocols'))
      })
      outgoing.on('response', (answer) => {
        const isOk = answer.statusCode === 200
        // The next request gets another connection: this one may be about to close.
        if (!isOk) outgoing.shouldKeepAlive = false
        let text = ''
        answer.setEncoding('utf8').on('error', reject)
        answer.on('data', (part) => {
          text += part
        })
        answer.on('end', () => {
          if (isOk) resolve(text)
          else reject(new Error(`CreateRoom answered ${answer.statusCode}: ${text.slice(0, 200)}`))
        })
      })
      outgoing.end(body)
    })
  }

  return {
    create: async (room) => JSON.parse(await post(JSON.stringify(room), await authorize())),
    close: () => agent.destroy(),
  }
}
