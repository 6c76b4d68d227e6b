// 200 with an Idempotency-Key: a repeat never makes a second billed call.
import { sql } from 'kysely'
import t from 'tap'
import { build, buildBehindProxies, roomsOf, seedOrganization, talked } from '../helper.ts'

const key = (value: string) => ({ 'idempotency-key': value })
const claims = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString())
const visible = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join('')

t.test('200: a key of one or 255 characters, of every visible one, is good', async (t) => {
  const service = await build(t)
  for (const value of ['!', visible, '~'.repeat(255)])
    t.equal((await service.create(undefined, key(value))).status, 200)
})

t.test('200: the same key answers with the same session, and holds nothing more', async (t) => {
  const service = await build(t)
  const first = await service.create(undefined, key('one'))
  const again = await service.create(undefined, key('one'))
  t.equal(first.headers.get('idempotency-replayed'), null)
  t.equal(again.headers.get('idempotency-replayed'), 'true')
  const { token, ...session } = again.json
  t.same({ ...session, token: first.json.token }, first.json, 'the same session')
  const { nbf: _first, ...before } = claims(first.json.token)
  const { nbf: _again, ...after } = claims(token)
  t.same(after, before, 'the same identity, grants and expiry')
  t.equal(await service.credits(), service.organization.openingCredits - 10)
})

t.test('200: keys belong to the user of an organization; another’s are others', async (t) => {
  const service = await build(t)
  const other = await seedOrganization(service.db)
  const first = await service.create(undefined, key('shared'))
  const second = await service.create(other.pipelineAgent, key('shared'), other.key)
  t.equal(second.status, 200)
  t.not(second.json.room_name, first.json.room_name)
})

t.test('200: many at once with one key make one session', async (t) => {
  const service = await build(t)
  const answers = await Promise.all(Array.from({ length: 20 }, () => service.create(undefined, key('many'))))
  const rooms = new Set(answers.filter(({ status }) => status === 200).map(({ json }) => json.room_name))
  t.equal(rooms.size, 1)
  for (const { status } of answers) t.ok(status === 200 || status === 409, String(status))
  t.equal((await service.sessions()).length, 1)
  t.equal((await roomsOf(service.organization.pipelineAgent)).length, 1)
})

t.test('200: a refusal, a failure and a session that cost nothing let the key begin anew', async (t) => {
  const service = await buildBehindProxies(t)
  await service.livekit.set('refuse')
  t.equal((await service.create(undefined, key('again'))).status, 500)
  await service.livekit.set('pass')
  const first = await service.create(undefined, key('again'))
  t.equal(first.status, 200)
  t.equal(first.headers.get('idempotency-replayed'), null)
  const path = `/v1/chat/voice-sessions/${first.json.room_name}`
  t.equal(
    (await service.request(path, { method: 'DELETE', headers: { 'x-api-key': service.organization.key } })).status,
    200,
  )
  const second = await service.create(undefined, key('again'))
  t.equal(second.status, 200)
  t.not(second.json.room_name, first.json.room_name)
})

t.test('200: a session that was charged within a day answers its key again; an older one begins anew', async (t) => {
  const service = await build(t)
  const first = await service.create(undefined, key('paid'))
  const { room_name } = first.json
  await talked(service.db, room_name)
  await service.request(`/v1/chat/voice-sessions/${room_name}`, { method: 'DELETE', headers: service.authorized })
  const again = await service.create(undefined, key('paid'))
  t.equal(again.headers.get('idempotency-replayed'), 'true')
  t.equal(again.json.room_name, room_name)
  await sql`UPDATE voice_sessions SET ended_at = now() - interval '25 h' WHERE room_name = ${room_name}`.execute(
    service.db,
  )
  const next = await service.create(undefined, key('paid'))
  t.equal(next.status, 200)
  t.not(next.json.room_name, room_name)
})

t.test('200: a create that died is taken over by a repeat once its lease is over', async (t) => {
  const service = await buildBehindProxies(t)
  service.database.when('activate', 'close')
  t.equal((await service.create(undefined, key('crashed'))).status, 503)
  t.equal((await service.create(undefined, key('crashed'))).status, 409, 'leased')
  await sql`UPDATE voice_sessions SET wake_at = now() WHERE idempotency_key = 'crashed'`.execute(service.db)
  const repeats = await Promise.all([1, 2, 3].map(() => service.create(undefined, key('crashed'))))
  t.ok(
    repeats.some(({ status }) => status === 200),
    'one repeat finished it',
  )
  const sessions = await service.sessions()
  t.match(sessions, [{ status: 'active' }])
  t.equal(sessions.length, 1)
})
