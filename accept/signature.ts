// How LiveKit signs an event: a token for the header Authorization whose claims hold the hash of the body.
import { createHash, createHmac } from 'node:crypto'

const base64url = (claims: object) => Buffer.from(JSON.stringify(claims)).toString('base64url')

/** Good for five minutes from that time. */
export function signLiveKitEvent(
  body: string,
  { apiKey, apiSecret }: { apiKey: string; apiSecret: string },
  at = Date.now(),
) {
  const now = Math.floor(at / 1000)
  const sha256 = createHash('sha256').update(body).digest('base64')
  const token = `${base64url({ alg: 'HS256' })}.${base64url({ iss: apiKey, nbf: now, exp: now + 300, sha256 })}`
  return `${token}.${createHmac('sha256', apiSecret).update(token).digest('base64url')}`
}

/** The second at which such a token expires. */
export function expiryOf(authorization: string): number {
  return JSON.parse(String(Buffer.from(authorization.split('.')[1] ?? '', 'base64url'))).exp
}
