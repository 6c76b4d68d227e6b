// 422: an Idempotency-Key that was used before is refused with another request body.
import t from 'tap'
import { build, refused } from '../helper.ts'

const key = (value: string) => ({ 'idempotency-key': value })

t.test('422: the same key for another agent', async (t) => {
  const service = await build(t)
  await service.create(undefined, key('one'))
  const answer = await service.create(service.organization.realtimeAgent, key('one'))
  refused(t, answer, 422, 'Idempotency-Key was already used with a different request')
})
