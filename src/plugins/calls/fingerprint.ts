// The fingerprint of a create, kept with its Idempotency-Key: the same key is for the same request only.
import { createHash } from 'node:crypto'
import type { Asked } from './held-session.ts'

/** SHA-256 of all that decides which call is made. The texts of the metadata come in the order of their names. */
export function fingerprintOf(agentId: string, { metadata, user_identifier }: Asked): Buffer {
  const request = JSON.stringify([agentId, Object.entries(metadata ?? {}), user_identifier])
  return createHash('sha256').update(request).digest()
}
