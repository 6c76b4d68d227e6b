// Endpoints: who is told, where, of what, and with which secret.
import t from 'tap'
import { open } from '../src/webhook-secret.ts'
import { chargedSession } from './charged.ts'
import { admin, timePattern } from './command-line.ts'
import { createEndpoint } from './endpoints.ts'
import { build, cloneDatabase, uuidPattern } from './helper.ts'
import { query, runAdminWith } from './processes.ts'

const key = 'abcdefghijklmnopqrstuvwxyz0123456789+/ABCDE='
const secretPattern = /^whsec_[A-Za-z0-9+/]{43}=$/

const stored = async (id: string) => {
  const [row] = await query('SELECT * FROM webhook_endpoints WHERE id = $1', [id], await cloneDatabase())
  return row
}

t.test('webhook create prints the secret once; list and show print all but the secret', async (t) => {
  const service = await build(t)
  const url = await cloneDatabase()
  const org = ['--org', service.organization.id]
  const all = await createEndpoint(t, service)
  t.match(all, { id: uuidPattern, secret: secretPattern })
  t.match(all, { url: /^https:..app.example.hooks/, events: null, secret_is_encrypted: false })
  const some = await createEndpoint(t, service, '--events', 'call.ended, credit.low,call.ended')
  t.strictSame(some.events, ['call.ended', 'credit.low'])
  const shown = await admin(t, url, 'webhook', 'show', '--id', some.id)
  t.strictSame(shown, {
    ...{ id: some.id, organization_id: service.organization.id, url: some.url, events: some.events },
    ...{ created_at: shown.created_at, previous_until: null, failing_since: null },
    ...{ paused_until: shown.paused_until, disabled_at: null, disabled_reason: null, pending: 0 },
  })
  t.match([shown.created_at, shown.paused_until], [timePattern, timePattern])
  await chargedSession(service)
  const listed = await admin(t, url, 'webhook', 'list', ...org)
  t.match(listed, [
    { id: all.id, events: null, pending: 1 },
    { id: some.id, pending: 1 },
  ])
  t.notMatch(JSON.stringify(listed), 'whsec_')
})

t.test('with WEBHOOK_SECRET_KEY the secret is stored encrypted, and WEBHOOK_INSECURE_HOSTS allows http', async (t) => {
  const { organization } = await build(t)
  const given = { DATABASE_URL: await cloneDatabase(), WEBHOOK_SECRET_KEY: ` ${key} ` }
  const variables = { ...given, WEBHOOK_INSECURE_HOSTS: 'localhost' }
  const create = (variables: Record<string, string>) =>
    runAdminWith(variables, ...['webhook', 'create', '--org', organization.id, '--url', 'http://localhost:3001/hooks'])
  t.match(await create(given), { code: 2, stderr: /^error: --url: it must begin with https:\/\/, or with/ })
  const { code, stdout } = await create(variables)
  t.equal(code, 0)
  const { id, secret, secret_is_encrypted } = JSON.parse(stdout)
  t.equal(secret_is_encrypted, true)
  const row = await stored(id)
  t.notMatch(JSON.stringify(row), secret.slice(6))
  t.equal(open(row.secret, Buffer.from(key, 'base64')), secret)
  for (const [name, value, fault] of [
    ['WEBHOOK_SECRET_KEY', 'short', 'must be 32 bytes'],
    ['WEBHOOK_SECRET_KEY', `"${key}"`, 'must not stand in quotes'],
    ['WEBHOOK_INSECURE_HOSTS', 'http://localhost', 'must be a list of host names or addresses'],
  ] as const)
    t.match(await create({ ...variables, [name]: value }), { code: 2, stdout: '', stderr: `error: ${name} ${fault}` })
})

t.test('webhook rotate prints a new secret; the old one is valid for so many hours', async (t) => {
  const service = await build(t)
  const url = await cloneDatabase()
  const { id, secret } = await createEndpoint(t, service)
  const rotate = (...args: string[]) => admin(t, url, 'webhook', 'rotate', '--id', id, ...args)
  const hoursLeft = (until: string) => (Date.parse(until) - Date.now()) / 3_600_000
  const second = await rotate()
  t.match(second, { id, secret: secretPattern, previous_until: timePattern, secret_is_encrypted: false })
  t.not(second.secret, secret)
  t.match(hoursLeft(second.previous_until).toFixed(0), '24')
  t.match(await stored(id), { secret: second.secret, previous_secret: secret })
  const third = await rotate('--overlap', '48')
  t.match(hoursLeft(third.previous_until).toFixed(0), '48')
  t.match(await stored(id), { secret: third.secret, previous_secret: second.secret }, 'the first is not valid any more')
  const fourth = await rotate('--overlap', '0')
  t.equal(fourth.previous_until, null)
  t.match(await stored(id), { secret: fourth.secret, previous_secret: null, previous_until: null })
})

t.test('webhook update changes what is named; enabling begins anew', async (t) => {
  const service = await build(t)
  const url = await cloneDatabase()
  const { id } = await createEndpoint(t, service, '--events', 'call.ended')
  const update = (...args: string[]) => admin(t, url, 'webhook', 'update', '--id', id, ...args)
  const disabled = await update('--disable')
  t.match(disabled, { events: ['call.ended'], disabled_at: timePattern, disabled_reason: 'by_operator' })
  t.strictSame(await update('--disable', '--all-events'), { ...disabled, events: null }, 'since the first time')
  const gone =
    "disabled_at = now(), disabled_reason = 'gone', failing_since = now(), paused_until = now() + interval '1 h'"
  await query(`UPDATE webhook_endpoints SET ${gone} WHERE id = $1`, [id], url)
  t.match(await update('--disable'), { disabled_reason: 'gone', paused_until: timePattern }, 'which stays')
  const moved = await update('--url', 'https://app.example/new?a=b', '--events', 'credit.low', '--enable')
  t.match(moved, { url: 'https://app.example/new?a=b', events: ['credit.low'] })
  t.match(moved, { disabled_at: null, disabled_reason: null, failing_since: null, paused_until: null })
})
