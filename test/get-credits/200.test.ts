// getCredits, 200: what can be spent, what open sessions hold, and how many there are and may be.
import t from 'tap'
import { build, refused } from '../helper.ts'

t.test(
  '200: what a session holds is not available, and is again when it ends without talk; it is counted while it is open',
  async (t) => {
    const service = await build(t, {}, { credits: 100, maxSessions: 7 })
    const free = { available: 100, held: 0, open_sessions: 0, max_sessions: 7 }
    t.strictSame((await service.get('/v1/credits')).json, free)
    const { json } = await service.create()
    t.strictSame((await service.get('/v1/credits')).json, {
      available: 90,
      held: 10,
      open_sessions: 1,
      max_sessions: 7,
    })
    const path = `/v1/chat/voice-sessions/${json.room_name}`
    await service.request(path, { method: 'DELETE', headers: service.authorized })
    t.strictSame((await service.get('/v1/credits')).json, free)
  },
)

t.test('401: without a key', async (t) => {
  const service = await build(t)
  const answer = await service.request('/v1/credits')
  refused(t, answer, 401, 'Invalid API key', { 'www-authenticate': 'ApiKey realm="voice-sessions"' })
})
