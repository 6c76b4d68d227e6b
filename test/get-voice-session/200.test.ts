// getVoiceSession, 200: what is known of a session; what does not apply is absent.
import { sql } from 'kysely'
import t from 'tap'
import { build, seedOrganization, talked } from '../helper.ts'

t.test('200: an open session shows what it holds, and no end', async (t) => {
  const service = await build(t)
  const { json, headers } = await service.create()
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
      agent_version: 1,
      credits_per_minute: 10,
      request_id: headers.get('x-request-id'),
      credits_held: 10,
    },
  )
})

t.test('200: the context that the session was created with, and its agent as it was then', async (t) => {
  const service = await build(t)
  const { pipelineAgent: agent_id } = service.organization
  const context = { metadata: { name: 'Ána 😀', 2: 'b', order: '427' }, user_identifier: 'customer 427' }
  const { json, headers } = await service.post(JSON.stringify({ agent_id, ...context }))
  const changes = { name: 'New', version: 2, worker_name: 'new', max_call_minutes: 1, credits_per_minute: 99 }
  await service.db.updateTable('agents').set(changes).where('id', '=', agent_id).execute()
  const [session] = (await service.get('/v1/chat/voice-sessions')).json.sessions
  t.match(session, { agent_name: 'Support Agent (pipeline)', agent_version: 1, credits_per_minute: 10 })
  t.strictSame({ metadata: session.metadata, user_identifier: session.user_identifier }, context)
  t.equal(session.request_id, headers.get('x-request-id'))
  t.match(await service.app.repositories.findSituation(json.room_name), { rate: 10, max_call_minutes: 60 })
  const later = await service.create()
  t.match(await service.app.repositories.findSituation(later.json.room_name), { rate: 99, max_call_minutes: 1 })
  const workers = service.db.selectFrom('voice_sessions').select('worker_name').where('agent_id', '=', agent_id)
  t.strictSame(await workers.orderBy('created_at').execute(), [{ worker_name: 'voice-agent' }, { worker_name: 'new' }])
})

t.test('200: a limit of the agent’s that is longer than the service’s does not count', async (t) => {
  const service = await build(t, { MAX_CALL_MINUTES: '5' })
  await service.db.updateTable('agents').set({ max_call_minutes: 1440 }).execute()
  const { json } = await service.create()
  t.match(await service.app.repositories.findSituation(json.room_name), { max_call_minutes: 5 })
})

t.test('200: of a session of before there were context and versions, what is not kept is absent', async (t) => {
  const service = await build(t)
  const { json } = await service.create()
  await sql`
    UPDATE voice_sessions SET agent_version = NULL, request_id = NULL, max_call_minutes = NULL, metadata = NULL`.execute(
    service.db,
  )
  const session = (await service.get(`/v1/chat/voice-sessions/${json.room_name}`)).json
  for (const name of ['agent_version', 'request_id', 'metadata', 'user_identifier']) t.notOk(name in session, name)
  t.equal(session.credits_per_minute, 10)
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
