// 200: the five steps succeed.
import { TokenVerifier } from 'livekit-server-sdk'
import t from 'tap'
import { build, parts, rooms, roomsOf } from '../helper.ts'

t.test('200: the answer is exactly the four documented fields', async (t) => {
  const service = await build(t)
  const { status, json, headers } = await service.create()
  t.equal(status, 200)
  t.same(Object.keys(json), ['room_name', 'token', 'livekit_url', 'agent_name'])
  t.equal(json.livekit_url, parts.livekitUrl)
  t.equal(json.agent_name, 'Support Agent (pipeline)')
  const pattern = new RegExp(`^agent_${service.organization.pipelineAgent}_user123_\\d{13}$`)
  t.match(json.room_name, pattern)
  t.equal(headers.get('cache-control'), 'no-store')
  t.equal(headers.get('x-content-type-options'), 'nosniff')
  t.match(headers.get('x-request-id'), /^[0-9a-f-]{36}$/)
})
