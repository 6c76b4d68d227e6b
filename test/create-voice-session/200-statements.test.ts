// 200: what a create asks PostgreSQL. A context, and an agent's configuration, cost no statement more.
import t from 'tap'
import { queries } from '../../src/repositories/pools.ts'
import { buildBehindProxies } from '../helper.ts'

/** What requests ask; the rounds in the background ask other things meanwhile. */
const asked = [...Object.keys(queries.request), 'takeOver', 'activate', 'findStatus', 'findOrganizationOf']

t.test('200: four statements, with or without context and configuration', async (t) => {
  const service = await buildBehindProxies(t)
  const { pipelineAgent: agent_id } = service.organization
  const context = { metadata: { name: 'Ana' }, user_identifier: 'customer-427' }
  for (const [body, config] of [
    [{ agent_id }, null],
    [{ agent_id, ...context }, '{"voice":"alloy"}'],
  ] as const) {
    await service.db.updateTable('agents').set({ config }).where('id', '=', agent_id).execute()
    const before = service.database.requests.length
    t.equal((await service.post(JSON.stringify(body))).status, 200)
    const names = service.database.requests.slice(before).filter((name) => asked.includes(name) && name !== 'ping')
    t.strictSame(names, ['findCaller', 'findAgent', 'holdMinute', 'activate'])
  }
})
