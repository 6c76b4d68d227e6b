// Usage reads the index that has all of it, and of that only the days that were asked for; events have an index for each filter.
import { sql } from 'kysely'
import t from 'tap'
import type { Db } from '../src/repositories/schema.ts'
import { type EventPage, listEvents } from '../src/repositories/shown-events.ts'
import { sumUsage, type UsageSpan } from '../src/repositories/usage.ts'
import { build, seedOrganization, until } from './helper.ts'
import { planOf } from './plans.ts'

const sessionsEach = 40_000
const days = 200
const eventsEach = 20_000
const first = Date.parse('2024-01-01T00:00:00Z')
const day = (number: number) => new Date(first + number * 86_400_000)

/** So many ended sessions of an organization's agent, evenly over the days. */
const fill = (db: Db, organizationId: string, agentId: string) =>
  sql`
    INSERT INTO voice_sessions (room_name, organization_id, api_key_id, user_id, agent_id, agent_name, status, wake_at, rate,
                                held, charged, seconds_billed, created_at, ended_at, user_identifier)
    SELECT 'agent_' || ${agentId}::text || '_x_' || (1700000000000 + n), ${organizationId}, api_keys.id, 'x', ${agentId}, 'A',
           'ended', now(), 1, 1, 0, 0, at, at, 'person ' || n % 500
    FROM generate_series(1, ${sessionsEach}::int) AS n, api_keys,
      LATERAL (SELECT ${day(0)}::timestamptz + n * ${days} * interval '1 day' / ${sessionsEach}::int AS at) AS moment
    WHERE organization_id = ${organizationId}`.execute(db)

const fillEvents = (db: Db, organizationId: string) =>
  sql`
    INSERT INTO events (id, organization_id, type, body, created_at)
    SELECT 'evt_' || md5(${organizationId}::text || n), ${organizationId}, CASE WHEN n = 1 THEN 'credit.low' ELSE 'call.ended' END,
           repeat('x', 500), now() - (${eventsEach}::int - n) * interval '1 s'
    FROM generate_series(1, ${eventsEach}::int) AS n`.execute(db)

/** Until PostgreSQL knows that all can see what was written, which is so once it is on the disk. */
const vacuum = (db: Db) =>
  until(async () => {
    await sql`VACUUM ANALYZE voice_sessions`.execute(db)
    const { rows } = await sql<{ is_known: boolean }>`
      SELECT relallvisible >= relpages * 0.9 AS is_known FROM pg_class WHERE oid = 'voice_sessions'::regclass`.execute(
      db,
    )
    return rows[0]?.is_known
  }, 60_000)

t.test('usage reads one index, and only the days that were asked for', async (t) => {
  const { db, organization } = await build(t)
  const stranger = await seedOrganization(db)
  await fill(db, organization.id, organization.pipelineAgent)
  await fill(db, stranger.id, stranger.pipelineAgent)
  await vacuum(db)
  const span = { from: day(100), to: day(120), limit: 101 }
  const { rows } = await sql<{ blocks: number }>`
    SELECT pg_relation_size('voice_sessions_usage_idx') / 8192 AS blocks`.execute(db)
  const most = (rows[0]?.blocks ?? 0) / 10
  t.ok(most > 50, 'the index is large')
  const asked: Record<string, UsageSpan> = {
    'by day': { ...span, group_by: 'day' },
    'by day, a later page': { ...span, group_by: 'day', after: '2024-04-20' },
    'by agent': { ...span, group_by: 'agent' },
    'by agent, a later page': { ...span, group_by: 'agent', after: organization.pipelineAgent },
    'by person': { ...span, group_by: 'user_identifier' },
    'by person, a later page': { ...span, group_by: 'user_identifier', after: 'person 3' },
  }
  for (const [what, usage] of Object.entries(asked)) {
    const { nodes, blocks } = await planOf(db, (db) => sumUsage(db, organization.id, usage))
    t.ok(nodes.includes('Index Only Scan voice_sessions_usage_idx'), `${what}: ${nodes}`)
    t.notOk(
      nodes.some((node) => node.startsWith('Seq Scan voice_sessions')),
      what,
    )
    t.ok(blocks < most, `${what}: ${blocks} of ${most} blocks`)
  }
})

t.test('a page of events reads no more than it shows, with each filter', async (t) => {
  const { db, organization } = await build(t)
  const stranger = await seedOrganization(db)
  await fillEvents(db, organization.id)
  await fillEvents(db, stranger.id)
  await sql`VACUUM ANALYZE events`.execute(db)
  const long = new Date(Date.now() - (eventsEach / 2) * 1000)
  const after = { id: `evt_${'0'.repeat(32)}`, created_at_us: long.getTime() * 1000 }
  const filters: Record<string, Partial<EventPage>> = {
    none: {},
    'a frequent type': { type: 'call.ended' },
    'a rare type': { type: 'credit.low' },
    'a type of nobody': { type: 'call.unknown' },
    'from a moment on': { created_after: new Date(Date.now() - 60_000) },
    'a rare type from a moment on': { type: 'credit.low', created_after: long },
    'a page in the middle': { after },
    'a page in the middle, of a type': { after, type: 'call.ended' },
    'the last page of a poll': { after, created_after: new Date(long.getTime() - 5000) },
  }
  for (const [what, filter] of Object.entries(filters)) {
    const { blocks } = await planOf(db, (db) => listEvents(db, organization.id, { limit: 21, ...filter }))
    t.ok(blocks < 100, `${what}: ${blocks} blocks`)
  }
})
