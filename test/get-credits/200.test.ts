// getCredits, 200: what can be spent, and what open sessions hold.
import t from 'tap'
import { build, refused } from '../helper.ts'

t.test('200: what a session holds is not available, and is again when it ends without talk', async (t) => {
  const service = await build(t, {}, { credits: 100 })
  t.strictSame((await service.get('/v1/credits')).json, { available: 100, held: 0 })
  const { json } = await service.create()
  t.strictSame((await service.get('/v1/credits')).json, { available: 90, held: 10 })
  const path = `/v1/chat/voice-sessions/${json.room_name}`
  await service.request(path, { method: 'DELETE', headers: service.authorized })
  t.strictSame((await service.get('/v1/credits')).json, { available: 100, held: 0 })
})

t.test('401: without a key', async (t) => {
  const service = await build(t)
  const answer = await service.request('/v1/credits')
  refused(t, answer, 401, 'Invalid API key', { 'www-authenticate': 'ApiKey realm="voice-sessions"' })
})
