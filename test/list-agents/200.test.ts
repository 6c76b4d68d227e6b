// listAgents, 200: the organization's agents, newest first, page by page.
import { sql } from 'kysely'
import t from 'tap'
import { createAgent, deleteAgent } from '../../src/repositories/agents.ts'
import { build, type Service, seedOrganization } from '../helper.ts'

const path = '/v1/agents'
const ids = (agents: { agent_id: string }[]) => agents.map(({ agent_id }) => agent_id)

/** All pages of a list, as their agents' ids. */
async function pagesOf(service: Service, limit: number): Promise<string[][]> {
  const pages: string[][] = []
  let cursor: string | undefined
  do {
    const { json } = await service.get(`${path}?limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`)
    pages.push(ids(json.agents))
    cursor = json.next_cursor
  } while (cursor)
  return pages
}

t.test('200: an agent is shown with its price and its limit, a text agent, too', async (t) => {
  const service = await build(t, { MAX_CALL_MINUTES: '30' })
  const { id: organization_id, pipelineAgent, realtimeAgent, textAgent } = service.organization
  const own = { organization_id, name: 'Short calls', architecture: 'realtime', credits_per_minute: 7 }
  const short = await createAgent(service.db, { ...own, max_call_minutes: 5 })
  const long = await createAgent(service.db, { ...own, name: 'Long calls', max_call_minutes: 60 })
  await sql`UPDATE agents SET version = 3, config = '{"secret": "yes"}', worker_name = 'other' WHERE id = ${long?.id}`.execute(
    service.db,
  )
  const answer = await service.get(path)
  t.equal(answer.status, 200)
  const seeded = (agent_id: string, architecture: string) => ({
    agent_id,
    agent_name: `Support Agent (${architecture})`,
    agent_version: 1,
    architecture,
    credits_per_minute: 10,
    max_call_minutes: 30,
  })
  const added = { agent_version: 1, architecture: 'realtime', credits_per_minute: 7 }
  t.strictSame(answer.json, {
    agents: [
      { ...added, agent_id: long?.id, agent_name: 'Long calls', agent_version: 3, max_call_minutes: 30 },
      { ...added, agent_id: short?.id, agent_name: 'Short calls', max_call_minutes: 5 },
      seeded(textAgent, 'text'),
      seeded(realtimeAgent, 'realtime'),
      seeded(pipelineAgent, 'pipeline'),
    ],
  })
})

t.test('200: newest first, in pages that follow one another without gap or repeat', async (t) => {
  const service = await build(t)
  const { id, pipelineAgent, realtimeAgent, textAgent } = service.organization
  // Made within a millisecond, two of them at the same moment.
  const moments: [agent: string, moment: string][] = [
    [pipelineAgent, '2024-01-15T10:00:00.000001Z'],
    [realtimeAgent, '2024-01-15T10:00:00.000002Z'],
    [textAgent, '2024-01-15T10:00:00.000002Z'],
  ]
  for (const [agent, moment] of moments)
    await sql`UPDATE agents SET created_at = ${moment}::timestamptz WHERE id = ${agent}`.execute(service.db)
  const newest = [realtimeAgent, textAgent].sort().toReversed()
  const expected = [...newest, pipelineAgent]
  t.strictSame(
    await pagesOf(service, 1),
    expected.map((agent) => [agent]),
  )
  t.strictSame(await pagesOf(service, 2), [newest, [pipelineAgent]])
  t.strictSame(await pagesOf(service, 3), [expected], 'a full last page has no next')

  const { next_cursor } = (await service.get(`${path}?limit=1`)).json
  await deleteAgent(service.db, String(newest[0]))
  const late = { organization_id: id, name: 'Late', architecture: 'pipeline', credits_per_minute: 1 }
  const later = await createAgent(service.db, late)
  const rest = (await service.get(`${path}?cursor=${next_cursor}`)).json
  t.strictSame(ids(rest.agents), expected.slice(1), 'whatever became of the agent at which the page before ended')
  t.strictSame(await pagesOf(service, 20), [[later?.id, ...expected.slice(1)]], 'a deleted agent is not there')
})

t.test('200: no agent of another organization, also with its cursor', async (t) => {
  const service = await build(t)
  const stranger = await seedOrganization(service.db)
  const { textAgent, realtimeAgent, pipelineAgent } = stranger
  const { next_cursor } = (await service.get(`${path}?limit=1`)).json
  t.strictSame(ids((await service.get(path, stranger.key)).json.agents), [textAgent, realtimeAgent, pipelineAgent])
  t.strictSame((await service.get(`${path}?cursor=${next_cursor}`, stranger.key)).json, { agents: [] })
})
