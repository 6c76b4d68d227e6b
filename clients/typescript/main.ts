// Calls the service with the generated client, and prints what it answers: one line for each request.
import { randomUUID } from 'node:crypto'
import { type Client, createClient } from './generated/client/index.js'
import {
  createVoiceSession,
  endVoiceSession,
  getUsage,
  getVoiceSession,
  listEvents,
  type VoiceSession,
  type VoiceSessionConnection,
} from './generated/index.js'

function variable(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set`)
  return value
}

const connect = (apiKey: string) => createClient({ baseUrl: variable('API_URL'), auth: apiKey })

async function create(client: Client, agentId: string, idempotencyKey?: string): Promise<VoiceSessionConnection> {
  const { data, response } = await createVoiceSession({
    client,
    body: { agent_id: agentId, metadata: { name: 'Ana', order: '427' }, user_identifier: 'customer-427' },
    headers: { 'Idempotency-Key': idempotencyKey },
  })
  if (!data) throw new Refusal(response)
  const replayed = response.headers.get('Idempotency-Replayed') === 'true'
  console.log(`${response.status} ${data.room_name}${replayed ? ' replayed' : ''}`)
  return data
}

class Refusal extends Error {
  constructor(response: Response | undefined) {
    super(`${response?.status} ${response?.headers.get('X-Error-Code')}`)
  }
}

async function refused(request: Promise<unknown>): Promise<void> {
  const answer = await request.catch((error) => error)
  if (!(answer instanceof Refusal)) throw new Error('not refused', { cause: answer })
  console.log(answer.message)
}

const client = connect(variable('API_KEY'))
const agentId = variable('AGENT_ID')

const idempotencyKey = randomUUID()
const { room_name } = await create(client, agentId, idempotencyKey)
await create(client, agentId, idempotencyKey)

const { data, response } = await getVoiceSession({ client, path: { room_name }, throwOnError: true })
const session: VoiceSession = data
const { room_name: read, status, user_identifier, metadata } = session
console.log(`${response.status} ${read} ${status} ${user_identifier} ${metadata?.name} ${metadata?.order}`)

const { data: ended } = await endVoiceSession({ client, path: { room_name }, throwOnError: true })
console.log(`200 ${ended.room_name} ${ended.status} ${ended.end_reason}`)

const query = { from: variable('USAGE_FROM'), to: variable('USAGE_TO'), group_by: 'agent' } as const
const { data: usage } = await getUsage({ client, query, throwOnError: true })
console.log(`200 ${usage.group_by} ${usage.rows.length} ${usage.rows[0]?.calls} ${usage.open_calls}`)

const { data: listed } = await listEvents({ client, query: { type: 'call.ended' }, throwOnError: true })
for (const event of listed.events)
  if ('room_name' in event.data) console.log(`200 ${event.type} ${event.data.room_name}`)

await refused(create(connect('tk_live_unknown'), agentId))
await refused(create(connect(variable('POOR_API_KEY')), variable('POOR_AGENT_ID')))
await refused(create(client, randomUUID()))
