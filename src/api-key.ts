// API keys: `tk_live_`, 30 random base62 characters, and the CRC-32 of those in 6 more. The checksum lets a mistyped key
// be refused without asking the database; only the SHA-256 of a key is ever stored.
import { createHash, randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const apiKeyPattern = /^tk_live_([0-9A-Za-z]{30})([0-9A-Za-z]{6})$/

/** How much of a key may be shown, to tell keys apart: `tk_live_` and four characters. */
export const apiKeyPrefixLength = 12

function checksum(secret: string): string {
  let digits = ''
  for (let rest = crc32(secret); digits.length < 6; rest = Math.floor(rest / 62)) digits = base62[rest % 62] + digits
  return digits
}

/** A new key. It is shown to its owner once and kept nowhere. */
export function generateApiKey(): string {
  const secret = Array.from({ length: 30 }, () => base62[randomInt(62)]).join('')
  return `tk_live_${secret}${checksum(secret)}`
}

/** True where the text has the form and the checksum of a key; whether it is anybody's, the database knows. */
export function isWellFormedApiKey(key: string): boolean {
  const [, secret, digits] = apiKeyPattern.exec(key) ?? []
  return secret !== undefined && checksum(secret) === digits
}

/** SHA-256 of the key, 32 bytes: what is stored and looked up. */
export function hashApiKey(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
