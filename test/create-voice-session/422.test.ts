// 422: an Idempotency-Key that was used before is refused with another request body.
import { sql } from 'kysely'
import t from 'tap'
import { build, refused } from '../helper.ts'

const key = (value: string) => ({ 'idempotency-key': value })
const sentence = 'Idempotency-Key was already used with a different request'

t.test('422: the same key for another agent', async (t) => {
  const service = await build(t)
  await service.create(undefined, key('one'))
  const answer = await service.create(service.organization.realtimeAgent, key('one'))
  refused(t, answer, 422, sentence)
})

t.test('422: the same key with another context, also where one of the two has none', async (t) => {
  const service = await build(t)
  const { pipelineAgent: agent_id } = service.organization
  const post = (context: object) => service.post(JSON.stringify({ agent_id, ...context }), key(JSON.stringify(first)))
  const contexts = [
    {},
    { metadata: { name: 'Ana' } },
    { metadata: { name: 'ana' } },
    { metadata: { nameA: 'na' } },
    { metadata: { name: 'Ana', order: '427' } },
    { user_identifier: 'Ana' },
    { metadata: { name: 'Ana' }, user_identifier: 'Ana' },
  ]
  let first = {}
  for (first of contexts) {
    t.equal((await post(first)).status, 200)
    for (const other of contexts) {
      const answer = await post(other)
      if (other === first) t.equal(answer.headers.get('idempotency-replayed'), 'true')
      else refused(t, answer, 422, sentence)
    }
  }
})

t.test('200: the same request in other words is the same request', async (t) => {
  const service = await build(t)
  const agent = service.organization.pipelineAgent
  const { json } = await service.post(`{"agent_id":"${agent}","metadata":{"a":"\\u00e1","2":"b","b":"c"}}`, key('one'))
  const bodies = [
    `{ "metadata": {"b":"c","a":"á","2":"b"}, "user_identifier": null, "agent_id": "${agent.toUpperCase()}" }`,
    `{"agent_id":"${agent}","metadata":{"2":"b","b":"x","b":"c","a":"á"},"unknown":1}`,
  ]
  for (const body of bodies) t.equal((await service.post(body, key('one'))).json.room_name, json.room_name)
  const same = await service.create(agent, key('none'))
  const empty = await service.post(`{"agent_id":"${agent}","metadata":{}}`, key('none'))
  t.equal(empty.json.room_name, same.json.room_name)
})

t.test(
  '422: of a session without a fingerprint, as an earlier version creates it, only the agent is compared',
  async (t) => {
    const service = await build(t)
    const { pipelineAgent, realtimeAgent } = service.organization
    const { json } = await service.create(pipelineAgent, key('one'))
    await sql`UPDATE voice_sessions SET fingerprint = NULL`.execute(service.db)
    const other = await service.post(`{"agent_id":"${pipelineAgent}","user_identifier":"Ana"}`, key('one'))
    t.equal(other.json.room_name, json.room_name)
    refused(t, await service.create(realtimeAgent, key('one')), 422, sentence)
  },
)

t.test('the fingerprint is kept with a key only, and is the SHA-256 of the request', async (t) => {
  const service = await build(t)
  await service.create()
  await service.create(undefined, key('one'))
  const { rows } = await sql<{ length: number | null }>`
    SELECT length(fingerprint) AS length FROM voice_sessions
    WHERE organization_id = ${service.organization.id} ORDER BY created_at`.execute(service.db)
  t.strictSame(rows, [{ length: null }, { length: 32 }])
})
