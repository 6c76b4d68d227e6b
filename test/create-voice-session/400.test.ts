// 400: the body is not JSON, names no agent, or names an agent without a voice.
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { createAgent } from '../../src/repositories/agents.ts'
import { buildBehindProxies, leftNothing, livekitCalls, refused } from '../helper.ts'

const own = '"agent_id":"5b710eca-ee67-4c3a-aeb6-8b541f451b40"'
const deep = (open: string, close: string, depth = 8000) => open.repeat(depth) + close.repeat(depth)

const notJson: Record<string, string | Uint8Array<ArrayBuffer>> = {
  truncated: `{${own}`,
  'truncated within a string': `{${own.slice(0, -1)}`,
  'with a trailing comma': `{${own},}`,
  'with single quotes': `{'agent_id':'x'}`,
  'without quotes': '{agent_id:1}',
  'followed by more': `{${own}}{}`,
  'a word': 'agent_id',
  'not a number': '{"agent_id":NaN}',
  'a form': 'agent_id=5b710eca-ee67-4c3a-aeb6-8b541f451b40',
  'in UTF-16': Buffer.from(`\uFEFF{${own}}`, 'utf16le'),
  'a control character in a string': '{"agent_id":"\u0000"}',
  'truncated 8,000 deep': '['.repeat(8000),
  'a field truncated 8,000 deep': `{${own},"x":${'['.repeat(8000)}`,
  'objects truncated 3,000 deep': '{"a":'.repeat(3000),
}

const withoutAgent = {
  'no object but null': 'null',
  'no object but a string': '"x"',
  'no object but a number': '1',
  'no object but a list': '[]',
  'a list of bodies': `[{${own}}]`,
  'an empty object': '{}',
  'agent_id under another name': `{"agentId":"x","Agent_id":"x","agent_id ":"x"}`,
  'agent_id within another field': `{"data":{${own}}}`,
  'agent_id null': '{"agent_id":null}',
  'agent_id empty': '{"agent_id":""}',
  'agent_id blank': '{"agent_id":" \\t\\n\u00a0\u3000"}',
  'agent_id a number': '{"agent_id":5}',
  'agent_id an object': `{"agent_id":{${own}}}`,
  'agent_id a list of the agent': `{"agent_id":[${own.slice(11)}]}`,
  'agent_id a boolean': '{"agent_id":true}',
  'agent_id twice, the last of them null': `{${own},"agent_id":null}`,
  'agent_id in the prototype': `{"__proto__":{${own}}}`,
  'agent_id in the prototype of the constructor': `{"constructor":{"prototype":{${own}}}}`,
  'lists 8,000 deep': deep('[', ']'),
  'agent_id 8,000 deep': `{"agent_id":${deep('[', ']')}}`,
  'poisoned objects 1,000 deep': deep('{"__proto__":', '}', 1000).replace(':}', ':1}'),
}

t.test('400: a body that is not JSON is refused, whatever its encoding is called', async (t) => {
  const service = await buildBehindProxies(t)
  for (const [what, body] of Object.entries(notJson))
    await t.test(`400: ${what}`, async (t) => refused(t, await service.post(body), 400, 'Invalid JSON body'))
  for (const headers of [{}, { 'content-encoding': 'gzip' }, { 'content-encoding': 'br' }])
    refused(t, await service.post(new Uint8Array(gzipSync(`{${own}}`)), headers), 400, 'Invalid JSON body')
  await leftNothing(t, service)
  t.strictSame(livekitCalls(service.livekit), [], 'LiveKit was never called')
})

t.test('400: a body that names no agent is refused', async (t) => {
  const service = await buildBehindProxies(t)
  for (const [what, body] of Object.entries(withoutAgent))
    await t.test(`400: ${what}`, async (t) => refused(t, await service.post(body), 400, 'Agent ID is required'))
  await leftNothing(t, service)
  t.strictSame(livekitCalls(service.livekit), [], 'LiveKit was never called')
})

t.test('400: no body is a body that names no agent, with or without Content-Type', async (t) => {
  const service = await buildBehindProxies(t)
  const headers = { 'x-api-key': service.organization.key }
  for (const body of [null, '']) refused(t, await service.post(body), 400, 'Agent ID is required')
  const bare = await service.request('/v1/chat/voice-sessions', { method: 'POST', headers })
  refused(t, bare, 400, 'Agent ID is required')
  await leftNothing(t, service)
})

t.test('400: an agent has a voice only if its architecture is on the list', async (t) => {
  const service = await buildBehindProxies(t)
  const { id: organization_id, textAgent } = service.organization
  const sentence = 'Agent must be Pipeline or Realtime architecture for voice sessions'
  refused(t, await service.create(textAgent), 400, sentence)
  for (const architecture of ['telepathy', 'Pipeline', 'realtime ', '']) {
    const agent = await createAgent(service.db, { organization_id, name: 'A', architecture, credits_per_minute: 1 })
    refused(t, await service.create(agent?.id), 400, sentence)
  }
  await leftNothing(t, service)
  t.strictSame(livekitCalls(service.livekit), [], 'LiveKit was never called')
})
