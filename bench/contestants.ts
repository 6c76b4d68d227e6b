// Who takes part: LiveKit itself, asked for rooms by a bare client; this service; and the tutorial stack.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { AccessToken } from 'livekit-server-sdk'
import type { Customer } from '../accept/customer.ts'
import type { Replica } from '../accept/replica.ts'
import { freeTcpPort } from '../demo/ports.ts'
import { startProcess } from '../demo/processes.ts'
import { becomesReady } from '../demo/readiness.ts'
import type { Contestant } from './load.ts'
import { agentName, type Parts } from './parts.ts'

function requestsOf(customers: Customer[], path: string): Contestant['next'] {
  const requests = customers.map(({ key, agentId }) => ({
    path,
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({ agent_id: agentId }),
  }))
  let sent = 0
  return () => requests[sent++ % requests.length] as (typeof requests)[0]
}

const isOk = (status: number) => status === 200

/** The limit: CreateRoom with the agent's dispatch, as the service sends it, and nothing else. */
export async function rawCreateRoom({ livekit, customer }: Parts): Promise<Contestant> {
  const token = new AccessToken(livekit.apiKey, livekit.apiSecret, { ttl: '10h' })
  token.addGrant({ roomCreate: true })
  const headers = { authorization: `Bearer ${await token.toJwt()}`, 'content-type': 'application/json' }
  return {
    name: 'raw CreateRoom',
    url: livekit.url.replace(/^ws/, 'http'),
    accepts: isOk,
    next: () => {
      const room_name = `agent_${customer.agentId}_${customer.userId}_${randomUUID()}`
      const { agentId: agent_id, organizationId: organization_id, userId: user_id } = customer
      const metadata = JSON.stringify({ agent_id, organization_id, user_id, room_name })
      const room = { name: room_name, emptyTimeout: 60, departureTimeout: 10, maxParticipants: 1 }
      const body = JSON.stringify({ ...room, agents: [{ agentName, metadata }] })
      return { path: '/twirp/livekit.RoomService/CreateRoom', headers, body }
    },
  }
}

/** createVoiceSession, for these customers in turn. */
export function service({ url, process }: Replica, customers: Customer[]): Contestant {
  const next = requestsOf(customers, '/v1/chat/voice-sessions')
  return {
    name: 'this service',
    url,
    pid: process.pid,
    accepts: isOk,
    next,
  }
}

/** The stack of the tutorials: bench/tutorial.ts. */
export async function tutorial({ postgres, livekit, customers, log }: Parts): Promise<Contestant> {
  const port = await freeTcpPort()
  const url = `http://127.0.0.1:${port}`
  const server = await startProcess({
    name: 'tutorial',
    command: process.execPath,
    args: ['--import', 'tsx', join(import.meta.dirname, 'tutorial.ts')],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      PORT: String(port),
      DATABASE_URL: postgres.url(),
      LIVEKIT_URL: livekit.url,
      LIVEKIT_API_KEY: livekit.apiKey,
      LIVEKIT_API_SECRET: livekit.apiSecret,
      LIVEKIT_AGENT_NAME: agentName,
    },
    logFile: log('tutorial'),
  })
  const isReady = async () => (await fetch(`${url}/ready`, { signal: AbortSignal.timeout(2000) })).ok
  if (!(await becomesReady(server, isReady, 30_000))) throw new Error(`see ${log('tutorial')}`)
  return {
    name: 'tutorial stack',
    url,
    pid: server.pid,
    accepts: isOk,
    next: requestsOf(customers, '/voice-sessions'),
  }
}
