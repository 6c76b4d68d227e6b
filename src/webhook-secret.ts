// Secrets that sign webhooks: `whsec_` and the base64 of 32 random bytes. They are kept, because they sign; encrypted where the
// operator gives a key, WEBHOOK_SECRET_KEY.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const secretPrefix = 'whsec_'
const secretBytes = 32
/** AES-256-GCM: the initialization vector, the tag and the text stand behind this, in base64. */
const sealedPrefix = 'enc1:'
const [ivBytes, tagBytes] = [12, 16]

/** A new secret. Its owner is shown it once. */
export const generateWebhookSecret = (): string => secretPrefix + randomBytes(secretBytes).toString('base64')

/** The bytes that sign. */
export const signingKey = (secret: string): Buffer => Buffer.from(secret.slice(secretPrefix.length), 'base64')

/** The secret as it is stored: encrypted with the key of 32 bytes, or as it is where there is none. */
export function seal(secret: string, key: Buffer | undefined): string {
  if (!key) return secret
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
  return sealedPrefix + Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64')
}

/** The secret that was stored, whether it was encrypted or not. Throws where the key is absent or another. */
export function open(stored: string, key: Buffer | undefined): string {
  if (!stored.startsWith(sealedPrefix)) return stored
  if (!key) throw new Error('the secret is encrypted: WEBHOOK_SECRET_KEY is required')
  const bytes = Buffer.from(stored.slice(sealedPrefix.length), 'base64')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes })
    decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
    return decipher.update(bytes.subarray(ivBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
  } catch (cause) {
    throw new Error('the secret was encrypted with another WEBHOOK_SECRET_KEY', { cause })
  }
}
