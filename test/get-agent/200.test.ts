// getAgent, 200: the same as in the list.
import t from 'tap'
import { build } from '../helper.ts'

t.test('200: each agent of the organization, whatever its architecture', async (t) => {
  const service = await build(t)
  const { agents } = (await service.get('/v1/agents')).json
  t.equal(agents.length, 3)
  for (const agent of agents) {
    const answer = await service.get(`/v1/agents/${agent.agent_id}`)
    t.equal(answer.status, 200)
    t.strictSame(answer.json, agent)
  }
  const [{ agent_id }] = agents
  t.strictSame((await service.get(`/v1/agents/${agent_id.toUpperCase()}`)).json, agents[0], 'in any letter case')
})
