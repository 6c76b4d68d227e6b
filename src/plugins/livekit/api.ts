// LiveKit's API: the SDK's own RoomServiceClient, over our transport and with one policy for the tokens that it is called with.
import { AccessToken, RoomServiceClient, type VideoGrant } from 'livekit-server-sdk'
import { apiTokenRenewSeconds, apiTokenTtlSeconds } from '../../timings.ts'
import type { Rpc } from './transport.ts'

type Headers = Promise<Record<string, string>>
export type Authorize = (grant: VideoGrant) => Headers

/**
 * CreateRoom and DeleteRoom need `roomCreate`, ListRooms `roomList`: one token with both, which is signed anew every few
 * minutes. ListParticipants needs `roomAdmin` for its room: that token is signed for each call.
 */
export function createAuthorize(apiKey: string, apiSecret: string): Authorize {
  let common: Headers | undefined
  let signedAt = 0

  async function sign(grant: VideoGrant): Headers {
    const token = new AccessToken(apiKey, apiSecret, { ttl: apiTokenTtlSeconds })
    token.addGrant(grant)
    return { authorization: `Bearer ${await token.toJwt()}` }
  }

  return (grant) => {
    if (grant.room !== undefined) return sign(grant)
    // LiveKit compares the expiry with its wall clock, and ours may have been set forward or back since.
    if (common && Math.abs(Date.now() - signedAt) <= apiTokenRenewSeconds * 1000) return common
    signedAt = Date.now()
    common = sign({ roomCreate: true, roomList: true })
    return common
  }
}

export class Api extends RoomServiceClient {
  readonly #authorize: Authorize

  constructor(rpc: Rpc, authorize: Authorize) {
    super('http://localhost')
    this.#authorize = authorize
    // The SDK takes no transport, but keeps the one that it makes under this name.
    Reflect.set(this, 'rpc', rpc)
  }

  override authHeader(grant: VideoGrant): Headers {
    return this.#authorize(grant)
  }
}
