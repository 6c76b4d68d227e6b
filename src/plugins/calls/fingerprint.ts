// The fingerprint of a create, kept with its Idempotency-Key: the same key is for the same request only.
import { createHash } from 'node:crypto'
import type { Asked } from './held-session.ts'

/** SHA-256 of all that decides which call is made. The order in which the texts of the metadata came does not count. */
export function fingerprintOf(agentId: string, { metadata, user_identifier }: Asked): Buffer {
  const texts = Object.entries(metadata ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([agentId, texts, user_identifier]))
    .digest()
}
