// getVoiceSession and endVoiceSession, 404: another organization's session is as good as none.
import t from 'tap'
import { build, refused, seedOrganization } from '../helper.ts'

const absent = 'agent_5b710eca-ee67-4c3a-aeb6-8b541f451b40_user123_1705312800000'
const names = [absent, 'nope', '%00', '%27%20OR%201=1', 'a'.repeat(1000), encodeURIComponent('agent_\u{1F600}')]

for (const method of ['GET', 'DELETE']) {
  t.test(`404: ${method} of a session that nobody has, or of no session's name`, async (t) => {
    const service = await build(t)
    for (const name of names) {
      const answer = await service.request(`/v1/chat/voice-sessions/${name}`, { method, headers: service.authorized })
      refused(t, answer, 404, 'Voice session not found')
    }
  })

  t.test(`404: ${method} of another organization's session, which is left alone`, async (t) => {
    const service = await build(t)
    const { json } = await service.create()
    const stranger = await seedOrganization(service.db)
    const headers = { 'x-api-key': stranger.key }
    const answer = await service.request(`/v1/chat/voice-sessions/${json.room_name}`, { method, headers })
    refused(t, answer, 404, 'Voice session not found')
    t.match(await service.sessions(), [{ status: 'active' }])
  })

  t.test(`401: ${method} without a key`, async (t) => {
    const service = await build(t)
    const answer = await service.request(`/v1/chat/voice-sessions/${absent}`, { method })
    refused(t, answer, 401, 'Invalid API key', { 'www-authenticate': 'ApiKey realm="voice-sessions"' })
  })
}
