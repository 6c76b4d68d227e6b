// A suspended organization: its keys are nobody's, at once and on every replica, until it is resumed. What is booked stays as it is.
import t from 'tap'
import { admin, timePattern } from './command-line.ts'
import { build, cloneDatabase, refused, seedOrganization, talked, until } from './helper.ts'

t.setTimeout(600_000)

const challenge = { 'www-authenticate': 'ApiKey realm="voice-sessions"' }

t.test(
  'org suspend refuses all keys on every replica from the next request on, and org resume takes them again',
  async (t) => {
    const service = await build(t, {}, {}, { avoidsOverload: true })
    const replica = await build(t)
    const url = await cloneDatabase()
    const { organization } = service
    const org = ['--org', organization.id]
    const { key: second } = await admin(t, url, 'key', 'create', ...org, '--user', 'user2')
    const { id: revoked, key: revokedKey } = await admin(t, url, 'key', 'create', ...org, '--user', 'user3')
    await admin(t, url, 'key', 'revoke', '--id', revoked)
    const running = (await service.create()).json.room_name

    const { ended_calls, ...suspended } = await admin(t, url, 'org', 'suspend', ...org)
    t.equal(ended_calls, 0, 'running calls go on')
    t.match(suspended, { id: organization.id, open_sessions: 1, suspended_at: timePattern })
    const paths = ['/v1/credits', '/v1/chat/voice-sessions', `/v1/chat/voice-sessions/${running}`]
    for (const { get, create, request } of [service, replica])
      for (const key of [organization.key, second]) {
        for (const path of paths) refused(t, await get(path, key), 401, 'Invalid API key', challenge)
        refused(t, await create(organization.pipelineAgent, {}, key), 401, 'Invalid API key', challenge)
        const end = await request(`/v1/chat/voice-sessions/${running}`, {
          method: 'DELETE',
          headers: { 'x-api-key': key },
        })
        refused(t, end, 401, 'Invalid API key', challenge)
      }
    t.match(await service.sessions(), [{ room_name: running, status: 'active', end_reason: null }])

    t.strictSame(
      await admin(t, url, 'org', 'suspend', ...org),
      { ...suspended, ended_calls },
      'once suspended, it stays so',
    )
    t.strictSame(await admin(t, url, 'org', 'show', ...org), suspended)
    t.ok(
      (await admin(t, url, 'org', 'list')).some(
        (each: { suspended_at: string }) => each.suspended_at === suspended.suspended_at,
      ),
    )
    const { key: late } = await admin(t, url, 'key', 'create', ...org, '--user', 'user4')
    t.equal((await service.get('/v1/credits', late)).status, 401, 'a key of later, too')
    t.match(await admin(t, url, 'credits', 'grant', ...org, '--amount', '5', '--id', 'paid'), { granted: true })

    const resumed = await admin(t, url, 'org', 'resume', ...org)
    t.strictSame(resumed, { ...suspended, credits: suspended.credits + 5, suspended_at: null })
    t.strictSame(await admin(t, url, 'org', 'resume', ...org), resumed, 'once resumed, it stays so')
    for (const { get } of [service, replica])
      for (const key of [organization.key, second, late]) t.equal((await get('/v1/credits', key)).status, 200)
    t.equal((await service.get('/v1/credits', revokedKey)).status, 401, 'what was revoked stays so')
  },
)

t.test('org suspend --end-calls ends the calls of all its keys, which are billed, and nobody else’s', async (t) => {
  const service = await build(t)
  const url = await cloneDatabase()
  const { organization } = service
  const org = ['--org', organization.id]
  const { key: second } = await admin(t, url, 'key', 'create', ...org, '--user', 'user2')
  const other = await seedOrganization(service.db)
  const theirs = (await service.create(other.pipelineAgent, {}, other.key)).json.room_name
  const talking = (await service.create()).json.room_name
  await talked(service.db, talking)
  await service.create(undefined, {}, second)

  t.match(await admin(t, url, 'org', 'suspend', ...org), { ended_calls: 0 })
  t.match(await admin(t, url, 'org', 'suspend', ...org, '--end-calls'), { ended_calls: 2 }, 'afterwards, too')
  await until(async () => (await service.sessions()).every(({ status }) => status === 'ended'), 60_000)
  const sessions = (await service.sessions()).map(({ end_reason, charged }) => [end_reason, charged])
  t.strictSame(sessions, [
    ['ended_by_api', 0],
    ['ended_by_api', 10],
  ])
  t.match(await admin(t, url, 'org', 'suspend', ...org, '--end-calls'), { ended_calls: 0, open_sessions: 0 })
  t.match(await admin(t, url, 'session', 'show', '--room', theirs), { status: 'active', end_reason: null })
  await service.request(`/v1/chat/voice-sessions/${theirs}`, { method: 'DELETE', headers: { 'x-api-key': other.key } })
})
