// getVoiceSession, 200: what is known of a session; what does not apply is absent.
import { sql } from 'kysely'
import t from 'tap'
import { build, seedOrganization, talked } from '../helper.ts'

t.test('200: an open session shows what it holds, and no end', async (t) => {
  const service = await build(t)
  const { json } = await service.create()
  const session = await service.get(`/v1/chat/voice-sessions/${json.room_name}`)
  t.equal(session.status, 200)
  t.match(session.json.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  t.strictSame(
    { ...session.json, created_at: '' },
    {
      room_name: json.room_name,
      agent_id: service.organization.pipelineAgent,
      agent_name: 'Support Agent (pipeline)',
      user_id: 'user123',
      status: 'active',
      created_at: '',
      credits_held: 10,
    },
  )
})

t.test('200: a verdict that is not carried out yet is not shown', async (t) => {
  const service = await build(t)
  const { json } = await service.create()
  await sql`UPDATE voice_sessions SET end_reason = 'agent_left', ended_at = now()
    WHERE room_name = ${json.room_name}`.execute(service.db)
  const session = await service.get(`/v1/chat/voice-sessions/${json.room_name}`)
  t.match(session.json, { status: 'active', end_reason: undefined, ended_at: undefined })
})

t.test('200: an ended session shows who joined when, why it ended, and what it cost', async (t) => {
  const service = await build(t)
  const { json } = await service.create()
  await talked(service.db, json.room_name)
  await service.request(`/v1/chat/voice-sessions/${json.room_name}`, { method: 'DELETE', headers: service.authorized })
  const session = await service.get(`/v1/chat/voice-sessions/${json.room_name}`)
  t.match(session.json, { status: 'ended', end_reason: 'ended_by_api', credits_charged: 10, seconds_billed: 1 })
  t.equal(session.json.caller_joined_at, session.json.created_at)
  t.equal(session.json.agent_joined_at, session.json.created_at)
  t.ok(session.json.ended_at > session.json.created_at)
  t.notOk('credits_held' in session.json)
  t.notOk('token' in session.json, 'never a token')
})

t.test('200: any user of the organization sees it', async (t) => {
  const service = await build(t)
  const { json } = await service.create()
  const colleague = await seedOrganization(service.db, { userId: 'colleague' })
  await sql`UPDATE api_keys SET organization_id = ${service.organization.id} WHERE id = ${colleague.keyId}`.execute(
    service.db,
  )
  const session = await service.get(`/v1/chat/voice-sessions/${json.room_name}`, colleague.key)
  t.equal(session.status, 200)
})
