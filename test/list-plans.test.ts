// Each filter of the list has an index: a page costs the same however many sessions there are, whoever's they are.
import { sql } from 'kysely'
import t from 'tap'
import type { Db } from '../src/repositories/schema.ts'
import { listSessions, type Page } from '../src/repositories/voice-sessions.ts'
import { build, seedOrganization } from './helper.ts'
import { planOf } from './plans.ts'

const sessionsEach = 40_000
/** Blocks of 8 KiB. A page of 21 needs some for each of its sessions and of their participants; the whole table is far more. */
const mostBlocks = 300

/** So many ended sessions of an organization's agent, a second apart, the newest now. */
const fill = (db: Db, organizationId: string, agentId: string) =>
  sql`
    INSERT INTO voice_sessions (room_name, organization_id, api_key_id, user_id, agent_id, agent_name, status, wake_at, rate,
                                held, charged, seconds_billed, created_at, ended_at, user_identifier)
    SELECT 'agent_' || ${agentId}::text || '_x_' || (1700000000000 + n), ${organizationId}, api_keys.id, 'x', ${agentId}, 'A',
           'ended', now(), 1, 1, 0, 0, now() - n * interval '1 s', now(), 'person ' || n % 2
    FROM generate_series(1, ${sessionsEach}::int) AS n, api_keys WHERE organization_id = ${organizationId}`.execute(db)

t.test('a page reads no more than it shows, with each filter', async (t) => {
  const { db, organization } = await build(t)
  const stranger = await seedOrganization(db)
  await fill(db, organization.id, organization.pipelineAgent)
  await fill(db, stranger.id, stranger.pipelineAgent)
  // The oldest: whoever reads from the newest on meets all others first.
  await sql`
    UPDATE voice_sessions SET agent_id = ${organization.realtimeAgent}, user_identifier = 'rare'
    WHERE organization_id = ${organization.id} AND created_at < now() - ${sessionsEach - 30} * interval '1 s'`.execute(
    db,
  )
  await sql`VACUUM ANALYZE voice_sessions`.execute(db)
  const { rows } = await sql<{ blocks: number }>`
    SELECT pg_relation_size('voice_sessions') / 8192 AS blocks`.execute(db)
  t.ok((rows[0]?.blocks ?? 0) > 5 * mostBlocks, 'the table is large')

  const long = new Date(Date.now() - (sessionsEach / 2) * 1000)
  const room_name = `agent_${organization.pipelineAgent}_x_1700000000000`
  const filters: Record<string, Partial<Page>> = {
    none: {},
    'a frequent agent': { agent_id: organization.pipelineAgent },
    'a rare agent': { agent_id: organization.realtimeAgent },
    'an agent without sessions': { agent_id: organization.textAgent },
    'another organization’s agent': { agent_id: stranger.pipelineAgent },
    'a frequent person': { user_identifier: 'person 1' },
    'a rare person': { user_identifier: 'rare' },
    'a person of nobody': { user_identifier: 'nobody' },
    'long ago': { created_before: long },
    'within a minute long ago': { created_after: new Date(long.getTime() - 60_000), created_before: long },
    'open sessions': { status: 'active' },
    'open sessions of a frequent agent': { status: 'active', agent_id: organization.pipelineAgent },
    'ended sessions of a rare agent': { status: 'ended', agent_id: organization.realtimeAgent },
    'a page in the middle, of all until now': {
      created_before: new Date(),
      after: { room_name, created_at_us: long.getTime() * 1000 },
    },
    'the first page of long ago, with a cursor of now': {
      created_before: long,
      after: { room_name, created_at_us: Date.now() * 1000 },
    },
    'a page in the middle': { after: { room_name, created_at_us: long.getTime() * 1000 } },
    'a page in the middle, of an agent': {
      agent_id: organization.pipelineAgent,
      after: { room_name, created_at_us: long.getTime() * 1000 },
    },
  }
  for (const [what, filter] of Object.entries(filters)) {
    const { blocks } = await planOf(db, (db) => listSessions(db, organization.id, { limit: 21, ...filter }))
    t.ok(blocks < mostBlocks, `${what}: ${blocks} blocks`)
  }
})
