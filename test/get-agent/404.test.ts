// getAgent, 404: the organization has no such agent; the answer does not tell whether somebody else has.
import t from 'tap'
import { deleteAgent } from '../../src/repositories/agents.ts'
import { build, refused, seedOrganization } from '../helper.ts'

const sentence = 'Agent not found or does not belong to your organization'

t.test('404: absent, foreign, deleted and malformed are answered alike', async (t) => {
  const service = await build(t)
  const { pipelineAgent: own, realtimeAgent: deleted } = service.organization
  const foreign = await seedOrganization(service.db)
  await deleteAgent(service.db, deleted)
  const ids = {
    absent: '5b710eca-ee67-4c3a-aeb6-8b541f451b40',
    'another organization’s': foreign.pipelineAgent,
    deleted,
    empty: '',
    'no hyphens': own.replaceAll('-', ''),
    'one digit more': `${own}0`,
    NUL: '%00',
    'an encoded slash': `${own}%2F`,
    '10 KB': 'a'.repeat(10_240),
  }
  for (const [what, id] of Object.entries(ids))
    await t.test(what, async (t) => refused(t, await service.get(`/v1/agents/${id}`), 404, sentence))
})

t.test('401: without a key', async (t) => {
  const service = await build(t)
  const answer = await service.request(`/v1/agents/${service.organization.pipelineAgent}`)
  refused(t, answer, 401, 'Invalid API key', { 'www-authenticate': 'ApiKey realm="voice-sessions"' })
})
