// endVoiceSession, 200: the call is over for everyone, settled once.
import t from 'tap'
import { build, buildBehindProxies, livekitCalls, roomsOf, until } from '../helper.ts'

const path = (roomName: string) => `/v1/chat/voice-sessions/${roomName}`

t.test('200: the room is gone, the credits are back, and a repeat answers the same bytes', async (t) => {
  const service = await build(t)
  const { json } = await service.create()
  const end = () => service.request(path(json.room_name), { method: 'DELETE', headers: service.authorized })
  const first = await end()
  t.equal(first.status, 200)
  t.match(first.json, { status: 'ended', end_reason: 'ended_by_api', credits_charged: 0, seconds_billed: 0 })
  t.same(await roomsOf(service.organization.pipelineAgent), [])
  t.equal(await service.credits(), service.organization.openingCredits)
  const again = await end()
  t.equal(again.text, first.text)
  t.equal((await service.get(path(json.room_name))).text, first.text, 'the same object as getVoiceSession')
})

t.test('200: a JSON content type without a body is no fault', async (t) => {
  const service = await build(t)
  const { json } = await service.create()
  const headers = { ...service.authorized, 'content-type': 'application/json' }
  t.equal((await service.request(path(json.room_name), { method: 'DELETE', headers })).status, 200)
})

t.test('200: a session that is still being created is settled, and its create answers 503', async (t) => {
  const service = await buildBehindProxies(t)
  service.livekit.when('CreateRoom', { delayMilliseconds: 1500 })
  const creating = service.create()
  const [session] = await until(async () => {
    const sessions = await service.sessions()
    return sessions.length > 0 && sessions
  })
  const ended = await service.request(path(session?.room_name ?? ''), { method: 'DELETE', headers: service.authorized })
  t.match(ended.json, { status: 'ended', end_reason: 'ended_by_api', credits_charged: 0 })
  t.equal((await creating).status, 503)
  await until(async () => (await roomsOf(service.organization.pipelineAgent)).length === 0)
  t.ok(livekitCalls(service.livekit).includes('DeleteRoom'))
})

t.test('200: ten at once end it once', async (t) => {
  const service = await build(t)
  const { json } = await service.create()
  const end = () => service.request(path(json.room_name), { method: 'DELETE', headers: service.authorized })
  const answers = await Promise.all(Array.from({ length: 10 }, end))
  for (const { status } of answers) t.equal(status, 200)
  t.equal(await service.credits(), service.organization.openingCredits)
})
