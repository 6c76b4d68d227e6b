// Who takes part: LiveKit itself, asked for rooms by a bare client; this service; and the tutorial stack.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { AccessToken } from 'livekit-server-sdk'
import type { Customer } from '../accept/customer.ts'
import { agentName } from '../accept/postgres-and-livekit.ts'
import type { Replica } from '../accept/replica.ts'
import { freeTcpPort } from '../demo/ports.ts'
import { startProcess } from '../demo/processes.ts'
import { becomesReady } from '../demo/readiness.ts'
import type { Contestant, Request } from './load.ts'
import type { Parts } from './parts.ts'

export const sessionsPath = '/v1/chat/voice-sessions'

/** Each of them in turn, again and again. */
export function inTurn<Item>(items: Item[]): () => Item {
  let taken = 0
  return () => items[taken++ % items.length] as Item
}

export const createRequest = ({ key, agentId }: Customer, path = sessionsPath): Request => ({
  path,
  headers: { 'x-api-key': key, 'content-type': 'application/json' },
  body: JSON.stringify({ agent_id: agentId }),
})

/** The limit: CreateRoom with the agent's dispatch, as the service sends it, and nothing else. */
export async function rawCreateRoom({ livekit, customer }: Parts): Promise<Contestant> {
  const token = new AccessToken(livekit.apiKey, livekit.apiSecret, { ttl: '10h' })
  token.addGrant({ roomCreate: true })
  const headers = { authorization: `Bearer ${await token.toJwt()}`, 'content-type': 'application/json' }
  const { agentId: agent_id, organizationId: organization_id, userId: user_id } = customer
  return {
    url: livekit.url.replace(/^ws/, 'http'),
    next: () => {
      const room_name = `agent_${agent_id}_${user_id}_${randomUUID()}`
      const metadata = JSON.stringify({ agent_id, organization_id, user_id, room_name })
      const room = { name: room_name, emptyTimeout: 60, departureTimeout: 10, maxParticipants: 1 }
      const body = JSON.stringify({ ...room, agents: [{ agentName, metadata }] })
      return { path: '/twirp/livekit.RoomService/CreateRoom', headers, body }
    },
  }
}

/** createVoiceSession, for these customers in turn. */
export const service = ({ url, process }: Replica, customers: Customer[]): Contestant => ({
  url,
  pid: process.pid,
  next: inTurn(customers.map((customer) => createRequest(customer))),
})

/** The stack of the tutorials: bench/tutorial.ts. */
export async function tutorial({ environment, customers, log }: Parts): Promise<Contestant> {
  const port = await freeTcpPort()
  const url = `http://127.0.0.1:${port}`
  const server = await startProcess({
    name: 'tutorial',
    command: process.execPath,
    args: ['--import', 'tsx', join(import.meta.dirname, 'tutorial.ts')],
    env: { ...process.env, ...environment, PORT: String(port) },
    logFile: log('tutorial'),
  })
  const isReady = async () => (await fetch(url, { signal: AbortSignal.timeout(2000) })).status === 404
  if (!(await becomesReady(server, isReady, 30_000))) throw new Error(`see ${log('tutorial')}`)
  const requests = customers.map((customer) => createRequest(customer, '/voice-sessions'))
  return { url, pid: server.pid, next: inTurn(requests) }
}
