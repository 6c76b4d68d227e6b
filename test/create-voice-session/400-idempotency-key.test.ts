// 400: an Idempotency-Key that does not have the form of one is refused.
import t from 'tap'
import { build, refused } from '../helper.ts'

const key = (value: string) => ({ 'idempotency-key': value })

t.test('400: a key that is empty, too long or not visible ASCII is refused, and leaves no session', async (t) => {
  const service = await build(t)
  for (const value of ['', ' ', 'a b', 'a'.repeat(256), 'caf\u00e9', 'a\tb']) {
    const answer = await service.create(undefined, key(value))
    refused(t, answer, 400, 'Idempotency-Key must be 1 to 255 visible ASCII characters')
  }
  t.same(await service.sessions(), [])
})
