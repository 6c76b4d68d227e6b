// API keys: `tk_live_`, 30 random base62 characters and the CRC-32 of those in 6 more.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { apiKeyPrefixLength, generateApiKey, hashApiKey, isWellFormedApiKey } from '../src/api-key.ts'

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** CRC-32 by its definition (polynomial 0xEDB88320), and its six base62 digits. */
function checksum(secret: string): string {
  let crc = 0xffffffff
  for (const byte of Buffer.from(secret)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  let rest = BigInt((crc ^ 0xffffffff) >>> 0)
  let digits = ''
  for (let digit = 0; digit < 6; digit++) {
    digits = base62[Number(rest % 62n)] + digits
    rest /= 62n
  }
  return digits
}

const secret = fc.stringMatching(/^[0-9A-Za-z]{30}$/)

t.test('a generated key has the documented form, and is accepted', async (t) => {
  for (let n = 0; n < 200; n++) {
    const key = generateApiKey()
    t.match(key, /^tk_live_[0-9A-Za-z]{36}$/)
    t.equal(key.slice(-6), checksum(key.slice(8, -6)))
    t.ok(isWellFormedApiKey(key))
  }
})

t.test('no two keys are alike, and every character is used', async (t) => {
  const keys = Array.from({ length: 2000 }, generateApiKey)
  t.equal(new Set(keys).size, keys.length)
  t.equal(new Set(keys.map((key) => key.slice(8, 38)).join('')).size, 62)
})

t.test('every secret with its checksum is a key; with another checksum it is none', async (t) => {
  fc.assert(
    fc.property(secret, fc.stringMatching(/^[0-9A-Za-z]{6}$/), (secret, digits) => {
      t.ok(isWellFormedApiKey(`tk_live_${secret}${checksum(secret)}`))
      t.equal(isWellFormedApiKey(`tk_live_${secret}${digits}`), digits === checksum(secret))
    }),
  )
})

t.test('one mistyped character is noticed', async (t) => {
  fc.assert(
    fc.property(secret, fc.nat(43), fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }), (secret, at, char) => {
      const key = `tk_live_${secret}${checksum(secret)}`
      fc.pre(key[at] !== char)
      t.notOk(isWellFormedApiKey(key.slice(0, at) + char + key.slice(at + 1)))
    }),
  )
})

t.test('two characters in the wrong order are noticed', async (t) => {
  fc.assert(
    fc.property(secret, fc.nat(34), (secret, at) => {
      const key = `tk_live_${secret}${checksum(secret)}`
      const [one, other] = [key[at + 8] as string, key[at + 9]]
      fc.pre(one !== other)
      t.notOk(isWellFormedApiKey(key.slice(0, at + 8) + other + one + key.slice(at + 10)))
    }),
  )
})

t.test('anything else is no key', async (t) => {
  const key = generateApiKey()
  for (const text of ['', 'tk_live_', `${key}\n`, ` ${key}`, `${key} `, key.slice(1), `${key}0`, key.slice(0, -1)])
    t.notOk(isWellFormedApiKey(text), JSON.stringify(text))
  t.notOk(isWellFormedApiKey(key.replace('tk_live_', 'tk_test_')))
  t.notOk(isWellFormedApiKey(key.replace('tk_live_', 'TK_LIVE_')))
  fc.assert(fc.property(fc.string(), (text) => t.notOk(isWellFormedApiKey(text))))
})

t.test('what is stored is the SHA-256 of the key; what is shown is too little to guess the rest', async (t) => {
  const key = generateApiKey()
  t.strictSame(hashApiKey(key), createHash('sha256').update(key).digest())
  t.equal(hashApiKey(key).length, 32)
  t.equal(apiKeyPrefixLength, 'tk_live_'.length + 4)
})
