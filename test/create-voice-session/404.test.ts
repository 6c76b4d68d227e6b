// 404: the organization has no such agent; the answer does not tell whether somebody else has.
import t from 'tap'
import { deleteAgent } from '../../src/repositories/agents.ts'
import { type Answer, buildBehindProxies, leftNothing, livekitCalls, refused, seedOrganization } from '../helper.ts'

const sentence = 'Agent not found or does not belong to your organization'

/** All of an answer that may not differ between two refusals; the count of requests must. */
function bytes({ status, headers, text }: Answer) {
  const own = ['date', 'x-request-id', 'x-ratelimit-remaining', 'x-ratelimit-reset']
  return { status, text, headers: [...headers].filter(([name]) => !own.includes(name)) }
}

t.test('404: absent, foreign, deleted and malformed are answered alike, to the byte', async (t) => {
  const service = await buildBehindProxies(t)
  const { pipelineAgent: own, realtimeAgent: deleted } = service.organization
  const foreign = await seedOrganization(service.db)
  await deleteAgent(service.db, deleted)

  const absent = await service.create('5b710eca-ee67-4c3a-aeb6-8b541f451b40')
  refused(t, absent, 404, sentence)
  const ids = {
    'another organization’s': foreign.pipelineAgent,
    'another organization’s text agent': foreign.textAgent,
    deleted,
    'the nil UUID': '00000000-0000-0000-0000-000000000000',
    'no hyphens': own.replaceAll('-', ''),
    'hyphens elsewhere': own.replace(/^(.{8})-(.)/, '$1$2-'),
    braces: `{${own}}`,
    'a URN': `urn:uuid:${own}`,
    'white space around': ` ${own} `,
    'a line feed after': `${own}\n`,
    'one digit less': own.slice(0, -1),
    'one digit more': `${own}0`,
    'not hex': `g${own.slice(1)}`,
    NUL: '\u0000',
    'NUL after': `${own}\u0000`,
    'a lone surrogate': '\ud800',
    SQL: `${own}' OR '1'='1`,
    'a pattern': '%',
    'the name': 'Support Agent (pipeline)',
    '10 KB': 'a'.repeat(10_240),
  }
  for (const [what, id] of Object.entries(ids)) t.strictSame(bytes(await service.create(id)), bytes(absent), what)
  const twice = `{"agent_id":"${own}","agent_id":"${foreign.pipelineAgent}"}`
  t.strictSame(bytes(await service.post(twice)), bytes(absent), 'twice, the last of them foreign')
  await leftNothing(t, service)
  t.strictSame(livekitCalls(service.livekit), [], 'LiveKit was never called')
})
