// LiveKit's API: the SDK's RoomServiceClient over our transport, with one policy for the tokens that it is called with.
import { AccessToken, RoomServiceClient, type VideoGrant } from 'livekit-server-sdk'
import { apiTokenRenewSeconds, apiTokenTtlSeconds } from '../../timings.ts'
import type { Transport } from './transport.ts'

/**
 * CreateRoom and DeleteRoom need `roomCreate`, ListRooms `roomList`: such a token is signed once in five minutes.
 * ListParticipants needs `roomAdmin` for its room: that one is signed for each call.
 */
export class Api extends RoomServiceClient {
  readonly #key: { apiKey: string; apiSecret: string }
  readonly #signed = new Map<string, { header: Promise<Record<string, string>>; at: number }>()

  constructor(transport: Transport, url: string, key: { apiKey: string; apiSecret: string }) {
    super(url, key.apiKey, key.apiSecret)
    this.#key = key
    // The SDK gives no other way to it; its type is `Rpc`, which our transport is.
    Reflect.set(this, 'rpc', transport)
  }

  async #sign(grant: VideoGrant): Promise<Record<string, string>> {
    const token = new AccessToken(this.#key.apiKey, this.#key.apiSecret, { ttl: apiTokenTtlSeconds })
    token.addGrant(grant)
    return { authorization: `Bearer ${await token.toJwt()}` }
  }

  override authHeader(grant: VideoGrant): Promise<Record<string, string>> {
    if (grant.room !== undefined) return this.#sign(grant)
    const name = JSON.stringify(grant)
    const signed = this.#signed.get(name)
    // LiveKit compares the expiry with its wall clock, and ours may have been set forward or back since.
    if (signed && Math.abs(Date.now() - signed.at) <= apiTokenRenewSeconds * 1000) return signed.header
    const header = this.#sign(grant)
    this.#signed.set(name, { header, at: Date.now() })
    return header
  }
}
