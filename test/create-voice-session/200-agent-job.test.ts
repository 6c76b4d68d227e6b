// 200: what the worker is told, the AgentJob of its dispatch, byte for byte and as LiveKit itself has it.
import { Ajv } from 'ajv'
import ajvFormats from 'ajv-formats'
import { sql } from 'kysely'
import t from 'tap'
import { agentJobOf, type AgentJob as ExampleJob } from '../../examples/agent-worker/session.ts'
import { AgentJob } from '../../src/contract/openapi.gen.ts'
import { createAgent } from '../../src/repositories/agents.ts'
import { dispatchesOf } from '../dispatches.ts'
import { build, buildBehindProxies, rooms, type Service } from '../helper.ts'

const isAgentJob = ajvFormats.default(new Ajv()).compile<AgentJob>(AgentJob)
/** Both ways, or this file does not compile. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
/** In the order in which PostgreSQL keeps the names: shorter ones first. */
const config = { tools: [{ name: 'look_up', limits: { calls: 3 } }], voice: null, instructions: 'Greet “{name}” 👋' }

const agentOf = async ({ db, organization }: Pick<Service, 'db' | 'organization'>, changes: object = {}) => {
  const price = { architecture: 'realtime', credits_per_minute: 10 }
  const agent = await createAgent(db, { organization_id: organization.id, name: 'Ana’s "agent"', ...price, ...changes })
  return agent?.id as string
}
const own = { config: JSON.stringify(config), worker_name: 'worker-8', max_call_minutes: 7, version: 4 }

t.test('200: without context, of an agent that sets nothing, it is these eight fields', async (t) => {
  const service = await build(t, { LIVEKIT_AGENT_NAME: 'worker-7', MAX_CALL_MINUTES: '45' })
  const { id, userId, pipelineAgent, realtimeAgent } = service.organization
  for (const [architecture, agent] of Object.entries({ pipeline: pipelineAgent, realtime: realtimeAgent })) {
    const { room_name } = (await service.create(agent)).json
    const metadata =
      `{"agent_id":"${agent}","agent_name":"Support Agent (${architecture})","architecture":"${architecture}",` +
      `"agent_version":1,"organization_id":"${id}","user_id":"${userId}","room_name":"${room_name}","max_call_minutes":45}`
    t.strictSame(await dispatchesOf(room_name), [{ worker: 'worker-7', metadata }])
    t.ok(isAgentJob(JSON.parse(metadata)), JSON.stringify(isAgentJob.errors))
  }
})

t.test('200: with all that there can be, in one order, whatever order it came in', async (t) => {
  const service = await build(t)
  const { id, userId } = service.organization
  const agent = await agentOf(service, own)
  const body = `{"user_identifier":"customer 427","metadata":{"order":"427","name":"Ána \\ud83d\\ude00","2":"b","10":"a"},"agent_id":"${agent}"}`
  const { room_name } = (await service.post(body, { traceparent })).json
  const expected = {
    ...{ agent_id: agent, agent_name: 'Ana’s "agent"', architecture: 'realtime', agent_version: 4 },
    ...{ organization_id: id, user_id: userId, room_name, max_call_minutes: 7, config },
    metadata: { 2: 'b', 10: 'a', name: 'Ána 😀', order: '427' },
    ...{ user_identifier: 'customer 427', traceparent },
  }
  const [dispatch, ...more] = await dispatchesOf(room_name)
  t.same(more, [])
  t.equal(dispatch?.worker, 'worker-8')
  t.equal(dispatch?.metadata, JSON.stringify(expected))
  t.strictSame({ ...agentJobOf(dispatch?.metadata ?? '', '') }, expected, 'as the example reads it')
  t.ok(isAgentJob(JSON.parse(dispatch?.metadata ?? '')), JSON.stringify(isAgentJob.errors))
  t.equal((await rooms.listRooms([room_name]))[0]?.metadata, '', 'no participant can read it')
})

t.test('the document’s example is one, and the example’s worker knows the same fields', async (t) => {
  for (const example of AgentJob.examples) t.ok(isAgentJob(example), JSON.stringify(isAgentJob.errors))
  t.strictSame(Object.keys(AgentJob.examples[0]), Object.keys(AgentJob.properties))
  const areSame: Same<keyof AgentJob, keyof ExampleJob> = true
  t.ok(areSame)
})

t.test('the example’s worker reads what an older service tells, and takes a room’s name apart', async (t) => {
  const ids = { agent_id: '5b710eca-ee67-4c3a-aeb6-8b541f451b40', user_id: 'user_1' }
  const job = { ...ids, room_name: `agent_${ids.agent_id}_user_1_1705312800000` }
  t.strictSame(agentJobOf('', job.room_name), job)
  t.strictSame(agentJobOf(JSON.stringify({ ...job, organization_id: 'o' }), 'x'), { ...job, organization_id: 'o' })
  t.throws(() => agentJobOf('', 'lobby'), { message: 'lobby is not the room of a voice session' })
  t.throws(() => agentJobOf('{"agent_id":"a","user_id":"b"}', ''), {
    message: "the dispatch's metadata has no room_name",
  })
  t.throws(() => agentJobOf('null', ''), { message: /no agent_id/ })
})

t.test('200: as much as a context and a configuration may be', async (t) => {
  const service = await build(t)
  const most = { text: '字'.repeat(10_900) }
  const agent = await agentOf(service, { config: JSON.stringify(most) })
  const metadata = Object.fromEntries(
    Array.from({ length: 16 }, (_, index) => [`${index}`.padStart(40, 'n'), '😀'.repeat(index < 15 ? 116 : 93)]),
  )
  const size = Buffer.byteLength(JSON.stringify(metadata))
  t.ok(size > 8000 && size <= 8192, `${size} bytes`)
  const user_identifier = '😀'.repeat(256)
  const answer = await service.post(JSON.stringify({ agent_id: agent, metadata, user_identifier }))
  t.equal(answer.status, 200)
  const [dispatch] = await dispatchesOf(answer.json.room_name)
  t.match(JSON.parse(dispatch?.metadata ?? ''), { config: most, metadata, user_identifier })
})

t.test('200: a traceparent that is malformed is ignored', async (t) => {
  const service = await build(t)
  const zeros = traceparent.replace(/-[0-9a-f]{32}-/, `-${'0'.repeat(32)}-`)
  const bad = ['', 'x', traceparent.toUpperCase(), `${traceparent}-more`, `ff${traceparent.slice(2)}`, zeros]
  for (const value of [...bad, `${traceparent}, ${traceparent}`]) {
    const { room_name } = (await service.create(undefined, { traceparent: value })).json
    const [dispatch] = await dispatchesOf(room_name)
    t.notOk('traceparent' in JSON.parse(dispatch?.metadata ?? ''), value)
  }
})

for (const [whose, forget] of [
  ['its own', 'SELECT 1'],
  [
    'a replica’s of before',
    `UPDATE voice_sessions SET agent_version = NULL, max_call_minutes = NULL, worker_name = NULL, fingerprint = NULL,
      request_id = NULL, metadata = NULL, user_identifier = NULL`,
  ],
] as const)
  t.test(`200: a create that is taken over is told as it was begun: ${whose}`, async (t) => {
    const service = await buildBehindProxies(t, { LIVEKIT_AGENT_NAME: 'worker-7' })
    const { id, userId } = service.organization
    const agent = await agentOf(service, own)
    const context = { metadata: { about: 'x', no: '427' }, user_identifier: 'customer-427' }
    const body = JSON.stringify({ agent_id: agent, ...context })
    service.database.when('holdMinute', 'reset answer')
    t.equal((await service.post(body, { 'idempotency-key': 'one' })).status, 503)
    await sql.raw(forget).execute(service.db)
    await sql`UPDATE voice_sessions SET wake_at = now()`.execute(service.db)
    const changes = { name: 'New', version: 5, worker_name: 'worker-9', max_call_minutes: 9, credits_per_minute: 99 }
    await service.db.updateTable('agents').set(changes).where('id', '=', agent).execute()

    const { status, json } = await service.post(body, { 'idempotency-key': 'one', traceparent })
    t.equal(status, 200)
    const isOwn = forget === 'SELECT 1'
    const { room_name } = json
    const [dispatch] = await dispatchesOf(room_name)
    t.equal(dispatch?.worker, isOwn ? 'worker-8' : 'worker-9')
    const expected = {
      ...{ agent_id: agent, agent_name: 'Ana’s "agent"', architecture: 'realtime', agent_version: isOwn ? 4 : 5 },
      ...{ organization_id: id, user_id: userId, room_name, max_call_minutes: isOwn ? 7 : 9, config },
      ...(isOwn && context),
      traceparent,
    }
    t.equal(dispatch?.metadata, JSON.stringify(expected))
    t.match(await service.sessions(), [{ rate: 10, agent_version: isOwn ? 4 : 5, status: 'active' }])
  })
