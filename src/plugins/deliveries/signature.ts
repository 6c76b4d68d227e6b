// What a receiver verifies a delivery by: the headers of Standard Webhooks 1.0.
import { createHmac } from 'node:crypto'
import { signingKey } from '../../webhook-secret.ts'

/** Signed with each of the secrets: there are two while one is replaced. The time is the attempt's, in seconds. */
export function signedHeaders(id: string, seconds: number, body: string, secrets: string[]): Record<string, string> {
  const sign = (secret: string) =>
    `v1,${createHmac('sha256', signingKey(secret)).update(`${id}.${seconds}.${body}`).digest('base64')}`
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': secrets.map(sign).join(' '),
  }
}
