// Events of calls are written by the statements of the ledger, for organizations that want them.
import { sql } from 'kysely'
import t from 'tap'
import { fact } from './fact.ts'
import { build } from './helper.ts'
import { recorded, recording, types } from './recorded.ts'

const path = '/v1/chat/voice-sessions'

t.test('an organization that did not ask has no events', async (t) => {
  const service = await build(t, {}, { credits: 10 })
  const { json } = await service.create()
  await fact(service, json.room_name, 'caller')
  await fact(service, json.room_name, 'agent')
  t.equal((await service.create()).status, 402)
  await service.app.calls.settle(json.room_name, { end_reason: 'agent_unavailable', until: 'now' })
  t.same(await recorded(service), [])
})

t.test(
  'call.started, once, when the second of caller and agent is there; call.ended, as getVoiceSession answers',
  async (t) => {
    const service = await build(t)
    await recording(service)
    const body = {
      agent_id: service.organization.pipelineAgent,
      metadata: { name: 'Zoë "Z" \\ \u2028', a: '' },
      user_identifier: 'x&y',
    }
    const { json, requestId } = await service
      .post(JSON.stringify(body))
      .then((answer) => ({ ...answer, requestId: answer.headers.get('x-request-id') }))
    const room_name = json.room_name
    await fact(service, room_name, 'agent')
    t.same(await types(service), [], 'the agent waits')
    await fact(service, room_name, 'caller')
    const get = async () => (await service.get(`${path}/${room_name}`)).json
    const started = await get()
    await fact(service, room_name, 'caller', { seen_at: new Date() })
    await fact(service, room_name, 'agent', { sid: 'PA_another' })
    const [first] = await recorded(service)
    t.same(await types(service), ['call.started'])
    t.same(first.data, started)

    await service.app.calls.settle(room_name, { end_reason: 'caller_left', until: 'now' })
    await service.app.calls.settle(room_name, { end_reason: 'caller_left', until: 'now' })
    const [, last, ...more] = await recorded(service)
    t.same(more, [])
    t.same(last.data, await get())
    t.match(last, {
      type: 'call.ended',
      organization_id: service.organization.id,
      data: { status: 'ended', request_id: requestId },
    })
    t.match(last.id, /^evt_[0-9a-f]{32}$/)
    t.match(last.created, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    t.same(Object.keys(JSON.parse(last.body)), ['id', 'type', 'created', 'organization_id', 'data'])
    t.equal(JSON.stringify(JSON.parse(last.body)), last.body, 'compact')
  },
)

t.test('an agent that is there before the session is active does not keep it from becoming so', async (t) => {
  const service = await build(t)
  await recording(service)
  const { json } = await service.create()
  await sql`UPDATE voice_sessions SET status = 'creating', worker_name = NULL WHERE room_name = ${json.room_name}`.execute(
    service.db,
  )
  await service.db.transaction().execute(async (transaction) => {
    await fact({ ...service, db: transaction }, json.room_name, 'agent')
    const made = { room_name: json.room_name, attempt: 1, room_sid: 'RM_x', worker_name: 'voice-agent', made_at: null }
    t.ok(await service.app.repositories.activate(made))
  })
  await fact(service, json.room_name, 'caller')
  t.same(await types(service), ['call.started'])
})

t.test('two who join at once are seen together by one of them', async (t) => {
  const service = await build(t)
  await recording(service)
  for (let round = 0; round < 20; round++) {
    const { json } = await service.create()
    await Promise.all([fact(service, json.room_name, 'caller'), fact(service, json.room_name, 'agent')])
    await service.app.calls.settle(json.room_name, { end_reason: 'caller_left', until: 'now' })
  }
  t.equal((await types(service)).filter((type) => type === 'call.started').length, 20)
})

t.test('whoever was guessed to have left and is seen again starts the call', async (t) => {
  const service = await build(t)
  await recording(service)
  const { json } = await service.create()
  await fact(service, json.room_name, 'caller', { left_at: new Date() })
  await fact(service, json.room_name, 'agent')
  t.same(await types(service), [])
  await fact(service, json.room_name, 'caller', { seen_at: new Date(Date.now() + 20_000) })
  t.same(await types(service), ['call.started'])
})

for (const end_reason of ['agent_unavailable', 'create_failed', 'create_abandoned'] as const)
  t.test(`${end_reason}: call.failed in addition`, async (t) => {
    const service = await build(t)
    await recording(service)
    const { json } = await service.create()
    await service.app.calls.settle(json.room_name, { end_reason, until: 'now' })
    const all = await recorded(service)
    t.same(
      all.map(({ type }) => type),
      ['call.ended', 'call.failed'],
    )
    t.same(all[0].data, all[1].data)
    t.equal(all[0].data.end_reason, end_reason)
  })

t.test('what is not settled writes nothing: the event and the money are one transaction', async (t) => {
  const service = await build(t)
  await recording(service)
  const { json } = await service.create()
  await service.app.calls.settle(json.room_name, { end_reason: 'caller_left', until: 'now', attempt: 7 })
  t.same(await types(service), [])
  await sql`ALTER TABLE events ADD CONSTRAINT refused CHECK (type <> 'call.ended') NOT VALID`.execute(service.db)
  await t.rejects(service.app.calls.settle(json.room_name, { end_reason: 'caller_left', until: 'now' }))
  t.equal((await service.get(`${path}/${json.room_name}`)).json.status, 'active', 'no money without its event')
  await sql`ALTER TABLE events DROP CONSTRAINT refused`.execute(service.db)
})
