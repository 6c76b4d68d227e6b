// Secrets of webhooks: what they are, and how they are stored.
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { keyBytes } from '../src/variables.ts'
import { generateWebhookSecret, open, seal, signingKey } from '../src/webhook-secret.ts'

t.test('a secret is whsec_ and 32 random bytes', async (t) => {
  const secret = generateWebhookSecret()
  t.match(secret, /^whsec_[\w+/]{43}=$/)
  t.not(secret, generateWebhookSecret())
  t.equal(signingKey(secret).length, 32)
})

t.test('without a key it is stored as it is, and is read so also where a key came later', async (t) => {
  const secret = generateWebhookSecret()
  t.equal(seal(secret, undefined), secret)
  t.equal(open(secret, undefined), secret)
  t.equal(open(secret, randomBytes(32)), secret)
})

t.test('with a key it is encrypted, each time differently, and only that key opens it', async (t) => {
  const [secret, key] = [generateWebhookSecret(), randomBytes(32)]
  const stored = seal(secret, key)
  t.match(stored, /^enc1:[\w+/]+=*$/)
  t.not(stored, seal(secret, key))
  t.equal(open(stored, key), secret)
  t.throws(() => open(stored, undefined), { message: 'the secret is encrypted: WEBHOOK_SECRET_KEY is required' })
  const another = { message: 'the secret was encrypted with another WEBHOOK_SECRET_KEY' }
  t.throws(() => open(stored, randomBytes(32)), another)
  const forged = Buffer.from(stored.slice(5), 'base64')
  forged[40] = (forged[40] ?? 0) ^ 1
  t.throws(() => open(`enc1:${forged.toString('base64')}`, key), another)
  t.throws(() => open('enc1:', key), another, 'and what is cut off is no secret')
})

t.test('a key is 32 bytes in base64, of either alphabet, or in hexadecimal', async (t) => {
  const key = randomBytes(32)
  for (const text of [key.toString('base64'), key.toString('base64url'), key.toString('hex')])
    t.same(keyBytes(text), key, text)
  for (const text of ['', 'secret', randomBytes(31).toString('hex'), randomBytes(33).toString('base64')])
    t.equal(keyBytes(text), undefined, text)
})
