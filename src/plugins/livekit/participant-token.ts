// The token with which a caller enters the one room that was made for them.
import { AccessToken } from 'livekit-server-sdk'
import { tokenMinimumSeconds, tokenTtlSeconds } from '../../timings.ts'

/**
 * A participant's token (JWT) for this one room, valid until an hour after the session's creation. Where the session is open
 * and less than a minute of that is left, for one hour from now.
 */
export type TokenMaker = (session: {
  room_name: string
  user_id: string
  created_at: Date
  is_open: boolean
}) => Promise<string>

export function createTokenMaker(apiKey: string, apiSecret: string): TokenMaker {
  return ({ room_name, user_id, created_at, is_open }) => {
    const age = Math.floor(Date.now() / 1000) - Math.floor(created_at.getTime() / 1000)
    const left = tokenTtlSeconds - age
    const ttl = is_open && left < tokenMinimumSeconds ? tokenTtlSeconds : left
    const token = new AccessToken(apiKey, apiSecret, { identity: user_id, ttl: `${ttl}s` })
    token.addGrant({ room: room_name, roomJoin: true, canPublish: true, canSubscribe: true, canPublishData: false })
    return token.toJwt()
  }
}
