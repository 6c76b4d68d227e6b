// The operator ends calls: billing stops at once, and the service does the rest.
import { sql } from 'kysely'
import t from 'tap'
import { build, cloneDatabase, type Service, talked, until } from './helper.ts'
import { inAMinute } from './park.ts'
import { runAdmin } from './processes.ts'

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
