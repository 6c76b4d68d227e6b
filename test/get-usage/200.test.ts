// getUsage, 200: what the calls of some days came to, by day, agent or person, page by page.
import { sql } from 'kysely'
import t from 'tap'
import { deleteAgent, updateAgent } from '../../src/repositories/agents.ts'
import { build, seedOrganization } from '../helper.ts'
import { play, usageOf } from '../histories.ts'

const january = { from: '2024-01-01', to: '2024-02-01' }
const at = (text: string) => new Date(text)

t.test('200: by day, whole on the day of its end in UTC; a day without calls has no row', async (t) => {
  const service = await build(t)
  const { pipelineAgent: agent_id } = service.organization
  const call = { agent_id, user_identifier: null }
  await play(service, [
    { ...call, ended_at: at('2023-12-31T23:59:59.999Z'), seconds: 60 },
    { ...call, ended_at: at('2024-01-01T00:00:00.000Z'), seconds: 90 },
    { ...call, ended_at: at('2024-01-01T23:59:59.999Z'), seconds: 0 },
    { ...call, ended_at: at('2024-01-31T23:59:59.999Z'), seconds: 61, refunded: 5 },
    { ...call, ended_at: at('2024-02-01T00:00:00.000Z'), seconds: 60 },
  ])
  const { pages } = await usageOf(service, january)
  t.strictSame(pages, [
    {
      ...january,
      group_by: 'day',
      rows: [
        { day: '2024-01-01', calls: 2, calls_charged: 1, seconds_billed: 90, credits_charged: 20, credits_refunded: 0 },
        { day: '2024-01-31', calls: 1, calls_charged: 1, seconds_billed: 61, credits_charged: 20, credits_refunded: 5 },
      ],
      open_calls: 0,
    },
  ])
})

t.test('200: open calls are those that began before `to`, until they are settled', async (t) => {
  const service = await build(t)
  const { pipelineAgent: agent_id } = service.organization
  const call = { agent_id, user_identifier: null, isOpen: true }
  const [room = ''] = await play(service, [
    { ...call, ended_at: at('2024-01-31T23:00:00Z'), seconds: 60 },
    { ...call, ended_at: at('2024-02-02T00:00:00Z'), seconds: 60 },
  ])
  const january = { from: '2024-01-01', to: '2024-02-01' }
  t.match(await usageOf(service, january), { pages: [{ rows: [], open_calls: 1 }] })
  t.match(await usageOf(service, { ...january, to: '2024-02-29' }), { pages: [{ rows: [], open_calls: 2 }] })
  await service.app.calls.settle(room, { end_reason: 'caller_left', until: 'unknown' })
  t.match(await usageOf(service, january), { pages: [{ rows: [{ day: '2024-01-31', calls: 1 }], open_calls: 0 }] })
})

t.test('200: by agent, under its name of now, also where it is deleted', async (t) => {
  const service = await build(t)
  const { pipelineAgent, realtimeAgent } = service.organization
  const call = { user_identifier: null, ended_at: at('2024-01-15T10:00:00Z') }
  await play(service, [
    { ...call, agent_id: pipelineAgent, seconds: 1 },
    { ...call, agent_id: realtimeAgent, seconds: 59 },
    { ...call, agent_id: realtimeAgent, seconds: 61 },
  ])
  await updateAgent(service.db, pipelineAgent, { name: 'Renamed' })
  await deleteAgent(service.db, realtimeAgent)
  const figures = { calls_charged: 1, seconds_billed: 1, credits_charged: 10, credits_refunded: 0 }
  const expected = [
    { agent_id: pipelineAgent, agent_name: 'Renamed', calls: 1, ...figures },
    {
      ...{ agent_id: realtimeAgent, agent_name: 'Support Agent (realtime)', calls: 2, ...figures },
      ...{ calls_charged: 2, seconds_billed: 120, credits_charged: 30 },
    },
  ].sort((a, b) => (a.agent_id < b.agent_id ? -1 : 1))
  for (const limit of ['1', '2', '100']) {
    const { rows, pages } = await usageOf(service, { ...january, group_by: 'agent', limit })
    t.strictSame(rows, expected)
    t.equal(pages.length, limit === '1' ? 2 : 1)
    t.strictSame(
      Object.keys(rows[0]).slice(0, 3),
      ['agent_id', 'agent_name', 'calls'],
      'first whom the figures are for',
    )
  }
})

t.test('200: by person, byte by byte; those without one are the last row', async (t) => {
  const service = await build(t)
  const { pipelineAgent: agent_id } = service.organization
  // U+FF21 comes before U+1F600, but not in JavaScript's order.
  const persons = ['A', 'B', 'a', 'é', '\uff21', '😀', null]
  const call = { agent_id, ended_at: at('2024-01-15T10:00:00Z'), seconds: 30 }
  await play(
    service,
    persons.toReversed().map((user_identifier) => ({ ...call, user_identifier })),
  )
  for (const limit of [1, 3, 6, 7]) {
    const { rows, pages } = await usageOf(service, { ...january, group_by: 'user_identifier', limit: String(limit) })
    t.strictSame(
      rows.map(({ user_identifier = null }) => user_identifier),
      persons,
      `in pages of ${limit}`,
    )
    t.equal(pages.length, Math.ceil(7 / limit))
    t.notOk('user_identifier' in rows.at(-1), 'absent')
  }
})

t.test('200: pages of days, and no call of another organization', async (t) => {
  const service = await build(t)
  const { pipelineAgent: agent_id } = service.organization
  const days = ['2024-01-03', '2024-01-05', '2024-01-06', '2024-01-31']
  const call = { agent_id, user_identifier: 'Ana', seconds: 30 }
  await play(
    service,
    days.flatMap((day) =>
      ['00:00:00.000', '23:59:59.999'].map((time) => ({ ...call, ended_at: at(`${day}T${time}Z`) })),
    ),
  )
  const { rows, pages } = await usageOf(service, { ...january, limit: '2' })
  t.strictSame(
    rows.map(({ day, calls }) => [day, calls]),
    days.map((day) => [day, 2]),
  )
  t.equal(pages[0].next_cursor, 'MjAyNC0wMS0wNQ')
  const stranger = await seedOrganization(service.db)
  const strange = { ...service, get: (path: string) => service.get(path, stranger.key) }
  t.match(await usageOf(strange, january), { pages: [{ rows: [], open_calls: 0 }] })
})

t.test('200: sums beyond what 32 bits hold', async (t) => {
  const service = await build(t, {}, { credits: 9_000_000_000_000 })
  const { pipelineAgent: agent_id } = service.organization
  const call = { agent_id, user_identifier: null, seconds: 30, ended_at: at('2024-01-15T10:00:00Z') }
  await play(service, [call, call])
  await sql`
    UPDATE voice_sessions SET held = 4000000000000, charged = 4000000000000, seconds_billed = 2000000000
    WHERE organization_id = ${service.organization.id}`.execute(service.db)
  await sql`UPDATE organizations SET credits = credits - 8000000000000 + 20 WHERE id = ${service.organization.id}`.execute(
    service.db,
  )
  const { rows } = await usageOf(service, january)
  t.match(rows, [{ seconds_billed: 4_000_000_000, credits_charged: 8_000_000_000_000 }])
})
