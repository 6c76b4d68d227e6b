// endVoiceSession, 503: LiveKit cannot be reached. The end is noted, billing has stopped, and it is carried out later.
import { sql } from 'kysely'
import t from 'tap'
import { buildBehindProxies, refused, roomsOf, until } from '../helper.ts'

async function noted(t: Parameters<typeof buildBehindProxies>[0]) {
  const service = await buildBehindProxies(t)
  const { json } = await service.create()
  const path = `/v1/chat/voice-sessions/${json.room_name}`
  const end = () => service.request(path, { method: 'DELETE', headers: service.authorized })
  await service.livekit.set('refuse')
  refused(t, await end(), 503, 'Service temporarily unavailable', { 'retry-after': '1' })
  t.match((await service.get(path)).json, { status: 'active', end_reason: undefined })
  const { rows } = await sql`SELECT end_reason FROM voice_sessions
    WHERE ended_at IS NOT NULL AND room_name = ${json.room_name}`.execute(service.db)
  t.same(rows, [{ end_reason: 'ended_by_api' }], 'the verdict stands')
  await service.livekit.set('pass')
  return { service, path, end }
}

t.test('503: a repeat carries it out', async (t) => {
  const { service, end } = await noted(t)
  t.match((await end()).json, { status: 'ended', end_reason: 'ended_by_api', credits_charged: 0 })
  t.same(await roomsOf(service.organization.pipelineAgent), [])
})

t.test('503: a LiveKit that has too many requests says when to come again', async (t) => {
  const service = await buildBehindProxies(t)
  const { json } = await service.create()
  const answer = 'HTTP/1.1 429 No\r\nretry-after: 5\r\ncontent-length: 0\r\n\r\n'
  for (const method of ['ListParticipants', 'DeleteRoom']) service.livekit.when(method, { answer }, 2)
  const path = `/v1/chat/voice-sessions/${json.room_name}`
  const end = () => service.request(path, { method: 'DELETE', headers: service.authorized })
  refused(t, await end(), 503, 'Service temporarily unavailable', { 'retry-after': '5' })
  t.equal(service.livekit.count('DeleteRoom'), 1, 'not repeated')
})

t.test('503: without a repeat the reaper carries it out', async (t) => {
  const { service, path } = await noted(t)
  const ended = await until(async () => {
    const { json } = await service.get(path)
    return json.status === 'ended' && json
  }, 60_000)
  t.match(ended, { end_reason: 'ended_by_api', credits_charged: 0 })
  t.same(await roomsOf(service.organization.pipelineAgent), [])
})
