// The operator's command line on a real database: every command prints one line of JSON.
import t from 'tap'
import { admin, timePattern } from './command-line.ts'
import { build, cloneDatabase, uuidPattern } from './helper.ts'
import { createDatabaseFrom, query, spawnAdmin } from './processes.ts'

t.setTimeout(600_000)

t.test('as a process it reads DATABASE_URL, prints, and ends with the exit code of the command', async (t) => {
  const url = await createDatabaseFrom(t, 'template')
  const [listed, refused, help] = await Promise.all([
    spawnAdmin(t, url, 'org', 'list'),
    spawnAdmin(t, undefined, 'org', 'list'),
    spawnAdmin(t, undefined, '--help'),
  ])
  t.strictSame(listed, { code: 0, stdout: '[]\n', stderr: '' })
  t.strictSame(refused, { code: 2, stdout: '', stderr: 'error: DATABASE_URL is required\n' })
  t.match(help, { code: 0, stdout: /^Usage: admin/, stderr: '' })
})

t.test('org create, show, update and list print organizations; opening credits are a grant', async (t) => {
  const url = await createDatabaseFrom(t, 'template')
  const acme = await admin(t, url, 'org', 'create', '--name', 'Acme Ltd', '--credits', '500', '--max-sessions', '7')
  t.match(acme, {
    id: uuidPattern,
    name: 'Acme Ltd',
    credits: 500,
    open_sessions: 0,
    max_sessions: 7,
    created_at: timePattern,
    suspended_at: null,
  })
  const poor = await admin(t, url, 'org', 'create', '--name', 'Poor', '--credits', '0')
  t.match(poor, { credits: 0, max_sessions: 100 })
  t.strictSame(await admin(t, url, 'org', 'show', '--org', acme.id), acme)
  const updated = await admin(t, url, 'org', 'update', '--org', poor.id, '--max-sessions', '500')
  t.strictSame(updated, { ...poor, max_sessions: 500 })
  t.strictSame(await admin(t, url, 'org', 'update', '--org', acme.id, '--name', 'Acme'), { ...acme, name: 'Acme' })
  t.strictSame(await admin(t, url, 'org', 'list'), [{ ...acme, name: 'Acme' }, updated])
  const grants = await query('SELECT id, organization_id, amount::int FROM credit_grants', [], url)
  t.strictSame(grants, [{ id: `opening-${acme.id}`, organization_id: acme.id, amount: 500 }])
})

t.test('agent create, list and delete print agents; a deleted one stays in the list', async (t) => {
  const url = await cloneDatabase()
  const { id: org } = await admin(t, url, 'org', 'create', '--name', 'A', '--credits', '0')
  const create = (...args: string[]) =>
    admin(t, url, 'agent', 'create', '--org', org, '--name', 'Support Agent', ...args)
  const id = '5b710eca-ee67-4c3a-aeb6-8b541f451b40'
  const first = await create('--architecture', 'pipeline', '--id', id.toUpperCase(), '--credits-per-minute', '12')
  t.match(first, { id, organization_id: org, name: 'Support Agent', architecture: 'pipeline', credits_per_minute: 12 })
  t.match(first, { created_at: timePattern, deleted_at: null })
  const second = await create('--architecture', 'realtime')
  t.match(second, { id: uuidPattern, architecture: 'realtime', credits_per_minute: 1 })
  const third = await create('--architecture', 'text')

  const deleted = await admin(t, url, 'agent', 'delete', '--id', second.id)
  t.match(deleted, { ...second, deleted_at: timePattern })
  t.strictSame(await admin(t, url, 'agent', 'delete', '--id', second.id), deleted, 'once deleted, it stays as it was')
  t.strictSame(await admin(t, url, 'agent', 'list', '--org', org), [first, deleted, third])
})

t.test('key create prints a key once that the API takes, until it is revoked or expires', async (t) => {
  const url = await cloneDatabase()
  const { id: org } = await admin(t, url, 'org', 'create', '--name', 'A', '--credits', '100')
  const agent = await admin(t, url, 'agent', 'create', '--org', org, '--name', 'B', '--architecture', 'pipeline')
  const create = (...args: string[]) => admin(t, url, 'key', 'create', '--org', org, '--user', 'user123', ...args)
  const { key, ...created } = await create()
  t.match(key, /^tk_live_[0-9A-Za-z]{36}$/)
  t.match(created, { id: uuidPattern, prefix: key.slice(0, 12), organization_id: org, user_id: 'user123' })
  t.match(created, { created_at: timePattern, expires_at: null, revoked_at: null })
  const { key: keyOfFuture, ...future } = await create('--expires', '2999-01-31T13:00:00+01:00')
  t.equal(future.expires_at, '2999-01-31T12:00:00.000Z')
  const { key: keyOfPast } = await create('--expires', '2001-01-31T12:00:00Z')

  const stored = JSON.stringify(await query('SELECT * FROM api_keys', [], url))
  for (const each of [key, keyOfFuture, keyOfPast]) t.notMatch(stored, each.slice(12), 'the key itself is not stored')

  const service = await build(t)
  const call = async (key: string) => (await service.create(agent.id, {}, key)).status
  t.equal(await call(key), 200)
  t.equal(await call(keyOfFuture), 200)
  t.equal(await call(keyOfPast), 401, 'expired')
  const [second, first] = await admin(t, url, 'session', 'list', '--org', org)
  for (const session of [first, second])
    t.match(session, { agent_id: agent.id, user_id: 'user123', status: 'active', held: 1, created_at: timePattern })
  t.ok(second.created_at > first.created_at, 'newest first')
  t.match(await admin(t, url, 'org', 'show', '--org', org), { credits: 98, open_sessions: 2 })

  const { ended_calls, ...revoked } = await admin(t, url, 'key', 'revoke', '--id', created.id)
  t.equal(ended_calls, 0, 'running calls go on')
  t.match(revoked, { ...created, revoked_at: timePattern })
  t.equal(await call(key), 401, 'revoked: from the next request on')
  const again = await admin(t, url, 'key', 'revoke', '--id', created.id)
  t.strictSame(again, { ...revoked, ended_calls: 0 }, 'once revoked, it stays as it was')

  const listed = await admin(t, url, 'key', 'list', '--org', org)
  t.strictSame(listed.slice(0, 2), [revoked, future])
  t.equal(listed.length, 3)
  t.notOk(
    listed.some((each: object) => 'key' in each),
    'a key is shown once',
  )
})

t.test('credits grant adds or takes back, once for each grant id', async (t) => {
  const url = await cloneDatabase()
  const { id: org } = await admin(t, url, 'org', 'create', '--name', 'A', '--credits', '10')
  const grant = (amount: string, id: string, ...by: string[]) =>
    admin(t, url, 'credits', 'grant', '--org', org, '--amount', amount, '--id', id, ...by)
  const first = { id: 'invoice 1', organization_id: org, amount: 5, granted_by: 'ana', granted: true, credits: 15 }
  t.strictSame(await grant('5', 'invoice 1', '--by', 'ana'), first)
  t.strictSame(await grant('5', 'invoice 1'), { ...first, granted: false }, 'repeated: nothing more')
  const correction = {
    id: 'correction',
    organization_id: org,
    amount: -15,
    granted_by: null,
    granted: true,
    credits: 0,
  }
  t.strictSame(await grant('-15', 'correction'), correction)
})
