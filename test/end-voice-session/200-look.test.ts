// DELETE looks into the room before it deletes it: of a call of which no event told it is known who was there.
import t from 'tap'
import { participant } from '../livekit-events.ts'
import { lists, looked } from '../looked.ts'

t.test('DELETE looks before it deletes: a call of which no event told is billed', async (t) => {
  const { service, name, get, meets } = await looked(t)
  meets(lists([participant('agent', 12), participant('caller', 10)]))
  await service.request(`/v1/chat/voice-sessions/${name}`, { method: 'DELETE', headers: service.authorized })
  const { seconds_billed, end_reason } = await get()
  t.equal(end_reason, 'ended_by_api')
  t.ok(seconds_billed >= 10 && seconds_billed <= 12, `${seconds_billed} s`)
})

t.test('DELETE: what a slow look sees after the verdict is not billed', async (t) => {
  const { service, name, get, meets } = await looked(t)
  meets({
    ...lists([]),
    answer: () => lists([participant('agent', 12), participant('caller', -1)]).answer,
  })
  await service.request(`/v1/chat/voice-sessions/${name}`, { method: 'DELETE', headers: service.authorized })
  t.match(await get(), { status: 'ended', seconds_billed: 0, credits_charged: 0 })
})

t.test('DELETE does not wait for a look that takes long', async (t) => {
  const { service, name, get, meets } = await looked(t)
  meets('hang')
  await service.request(`/v1/chat/voice-sessions/${name}`, { method: 'DELETE', headers: service.authorized })
  t.match(await get(), { status: 'ended', end_reason: 'ended_by_api' })
})
