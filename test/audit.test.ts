// `admin audit`: 0 while the books balance, and what they are out by, with exit 1, when somebody has been at them.
import t from 'tap'
import { chargedSession } from './charged.ts'
import { admin } from './command-line.ts'
import { build, cloneDatabase } from './helper.ts'
import { createDatabaseFrom, query, runAdmin } from './processes.ts'

t.test('the books balance after sessions, refusals and grants', async (t) => {
  const { create } = await build(t)
  t.equal((await create()).status, 200)
  t.equal((await create('nobody')).status, 404)
  const { code, stdout, stderr } = await runAdmin(await cloneDatabase(), 'audit')
  const sums = { credit_difference: 0, open_sessions_difference: 0, refund_difference: 0, events_missing: 0 }
  t.strictSame(JSON.parse(stdout), { ...sums, differences: [], refund_differences: [] })
  t.equal(stderr, '')
  t.equal(code, 0)
})

t.test('exit 1: credits or open sessions that nobody can account for are shown for each organization', async (t) => {
  const url = await createDatabaseFrom(t, 'template')
  const create = async (name: string): Promise<string> => {
    const [{ id }] = await query('INSERT INTO organizations (name, credits) VALUES ($1, 100) RETURNING id', [name], url)
    await query('INSERT INTO credit_grants (id, organization_id, amount) VALUES ($1, $2, 100)', [name, id], url)
    return id
  }
  const rich = await create('rich')
  const poor = await create('poor')
  const busy = await create('busy')
  const honest = await create('honest')
  await query('UPDATE organizations SET credits = credits + 5 WHERE id = $1', [rich], url)
  await query('UPDATE organizations SET credits = credits - 7 WHERE id = $1', [poor], url)
  await query('UPDATE organizations SET open_sessions = 2 WHERE id = $1', [busy], url)

  const { code, stdout } = await runAdmin(url, 'audit')
  t.equal(code, 1)
  const { differences, refund_differences, ...sums } = JSON.parse(stdout)
  t.strictSame(sums, { credit_difference: 12, open_sessions_difference: 2, refund_difference: 0, events_missing: 0 })
  t.strictSame(refund_differences, [])
  const expected = [
    { organization_id: rich, credit_difference: -5, open_sessions_difference: 0 },
    { organization_id: poor, credit_difference: 7, open_sessions_difference: 0 },
    { organization_id: busy, credit_difference: 0, open_sessions_difference: 2 },
  ]
  t.strictSame(
    differences,
    expected.sort((a, b) => (a.organization_id < b.organization_id ? -1 : 1)),
  )
  t.notMatch(stdout, honest)
})

t.test('exit 1: a session whose refunds are not the grants that are tied to it', async (t) => {
  const service = await build(t)
  const url = await cloneDatabase()
  const [more, less, right] = [
    await chargedSession(service),
    await chargedSession(service),
    await chargedSession(service),
  ]
  for (const room of [less, right])
    await admin(t, url, ...['credits', 'refund', '--room', room, '--amount', '4', '--reason', 'x', '--id', room])
  await query('UPDATE voice_sessions SET refunded = $2 WHERE room_name = $1', [more, 3], url)
  await query('UPDATE voice_sessions SET refunded = $2 WHERE room_name = $1', [less, 0], url)
  const { code, stdout } = await runAdmin(url, 'audit')
  t.equal(code, 1)
  const expected = [
    { room_name: more, refund_difference: 3 },
    { room_name: less, refund_difference: -4 },
  ]
  t.strictSame(JSON.parse(stdout), {
    ...{ credit_difference: 0, open_sessions_difference: 0, refund_difference: 7, events_missing: 0, differences: [] },
    refund_differences: expected.sort((a, b) => (a.room_name < b.room_name ? -1 : 1)),
  })
})
