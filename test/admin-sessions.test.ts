// The operator ends calls: billing stops at once, and the service does the rest.
import { sql } from 'kysely'
import t from 'tap'
import { admin, timePattern } from './command-line.ts'
import { build, cloneDatabase, type Service, talked, until } from './helper.ts'
import { inAMinute } from './park.ts'
import { query, runAdmin } from './processes.ts'

const untilEnded = (service: Service, roomName: string) =>
  until(async () => {
    const { json } = await service.get(`/v1/chat/voice-sessions/${roomName}`)
    return json.status === 'ended' && json
  }, 60_000)

t.test('session end stops the billing, and a running service closes the room and settles', async (t) => {
  const service = await build(t)
  const { json } = await service.create()
  await talked(service.db, json.room_name)
  const { code, stdout } = await runAdmin(await cloneDatabase(), 'session', 'end', '--room', json.room_name)
  t.equal(code, 0)
  t.match(JSON.parse(stdout), { room_name: json.room_name, end_reason: 'ended_by_api' })
  t.match(await untilEnded(service, json.room_name), { end_reason: 'ended_by_api', credits_charged: 10 })
})

t.test(
  'session end only names the verdict on a session that is still being created; an unknown one is refused',
  async (t) => {
    const service = await build(t)
    const { json } = await service.create()
    await sql`
    UPDATE voice_sessions SET status = 'creating', wake_at = ${inAMinute} WHERE room_name = ${json.room_name}`.execute(
      service.db,
    )
    const url = await cloneDatabase()
    const { stdout } = await runAdmin(url, 'session', 'end', '--room', json.room_name)
    t.match(JSON.parse(stdout), { end_reason: 'ended_by_api', charged: null })
    t.match(await untilEnded(service, json.room_name), { end_reason: 'ended_by_api', credits_charged: 0 })
    const { code, stderr } = await runAdmin(url, 'session', 'end', '--room', 'nope')
    t.equal(code, 2)
    t.equal(stderr, 'error: there is no session nope\n')
  },
)

t.test('session show prints all that is stored of a session, and of who was in its room', async (t) => {
  const service = await build(t)
  const body = { agent_id: service.organization.pipelineAgent, metadata: { order: '427' }, user_identifier: 'ana' }
  const headers = { 'idempotency-key': 'once' }
  const { json, headers: answered } = await service.post(JSON.stringify(body), headers)
  await talked(service.db, json.room_name)
  const url = await cloneDatabase()
  const shown = await admin(t, url, 'session', 'show', '--room', json.room_name)
  t.match(shown, { ...body, room_name: json.room_name, organization_id: service.organization.id, agent_version: 1 })
  t.match(shown, { user_id: 'user123', api_key_id: service.organization.keyId, worker_name: 'voice-agent' })
  t.match(shown, { request_id: answered.get('x-request-id'), idempotency_key: 'once', fingerprint: /^[0-9a-f]{64}$/ })
  t.match(shown, { status: 'active', rate: 10, held: 10, max_call_minutes: 60, charged: null, end_reason: null })
  t.match(shown.room_sid, /^RM_/)
  t.match([shown.created_at, shown.wake_at], [timePattern, timePattern])
  t.match(shown.participants, [
    { kind: 'agent', identity: 'user123', joined_at: shown.created_at, left_at: null },
    { kind: 'caller', identity: 'user123', joined_at: shown.created_at, left_at: null },
  ])

  const columns = async (table: string) =>
    (await query('SELECT column_name FROM information_schema.columns WHERE table_name = $1', [table], url))
      .map(({ column_name }) => column_name)
      .sort()
  const { participants, ...row } = shown
  t.strictSame(Object.keys(row).sort(), await columns('voice_sessions'), 'all columns')
  const stored = (await columns('participants')).filter((column) => column !== 'room_name')
  t.strictSame(Object.keys(participants[0]).sort(), stored, 'all facts')

  await service.request(`/v1/chat/voice-sessions/${json.room_name}`, { method: 'DELETE', headers: service.authorized })
  const ended = await admin(t, url, 'session', 'show', '--room', json.room_name)
  t.match(ended, { status: 'ended', end_reason: 'ended_by_api', charged: 10 })
  t.match([ended.ended_at, ended.settled_at], [timePattern, timePattern])
})

t.test('key revoke --end-calls ends the calls of that key', async (t) => {
  const service = await build(t)
  const { json } = await service.create()
  const { stdout } = await runAdmin(
    await cloneDatabase(),
    ...['key', 'revoke', '--id', service.organization.keyId, '--end-calls'],
  )
  t.match(JSON.parse(stdout), { id: service.organization.keyId, ended_calls: 1 })
  await until(async () => (await service.sessions()).every(({ status }) => status === 'ended'), 60_000)
  t.match(await service.sessions(), [{ room_name: json.room_name, end_reason: 'ended_by_api' }])
})
