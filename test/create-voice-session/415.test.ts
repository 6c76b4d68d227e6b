// 415: the body is not declared as JSON.
import t from 'tap'
import { buildBehindProxies, leftNothing, refused } from '../helper.ts'

const types = [
  'text/plain',
  'text/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/vnd.api+json',
  'application/problem+json',
  'application/jsonp',
  'application/json5',
  'application/x-json',
  'application',
  'json',
  '*/*',
  'text/plain; application/json',
]

t.test('415: only application/json is read, though the body would be good JSON', async (t) => {
  const service = await buildBehindProxies(t)
  for (const type of types)
    await t.test(`415: ${type}`, async (t) =>
      refused(
        t,
        await service.create(undefined, { 'content-type': type }),
        415,
        'Content-Type must be application/json',
      ),
    )
  await leftNothing(t, service)
})

t.test('415: a body without Content-Type', async (t) => {
  const service = await buildBehindProxies(t)
  const { key, pipelineAgent } = service.organization
  const body = Buffer.from(JSON.stringify({ agent_id: pipelineAgent }))
  const init = { method: 'POST', headers: { 'x-api-key': key }, body }
  refused(t, await service.request('/v1/chat/voice-sessions', init), 415, 'Content-Type must be application/json')
  await leftNothing(t, service)
})
