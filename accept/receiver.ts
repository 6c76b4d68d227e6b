// A customer's program that receives events. It keeps what comes, and answers as a scenario says.
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  id: string
  /** The exact bytes. */
  body: string
  /** What it was answered; 0 where it got no answer. */
  status: number
  /** performance.now() */
  at: number
}

/** A status, with headers where it needs some; or no answer at all. */
export type Behaviour = number | { status: number; headers: Record<string, string> } | 'hang'

export interface Receiver {
  url: string
  /** What was well signed, in the order in which it came. */
  received: Received[]
  /** How many were not. */
  forged: number
  /** What is signed with; nothing is checked until it is known. */
  secret: string | undefined
  behave: (delivery: { id: string; body: string; times: number }) => Behaviour
  close(): Promise<void>
}

/** As the standard says it, written without a library: `v1,` and base64 of HMAC-SHA256 over id, time and body. */
function isSigned(secret: string, headers: NodeJS.Dict<string | string[]>, body: string): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = headers
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const expected = `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  return String(signature).split(' ').includes(expected)
}

function answer(response: ServerResponse, behaviour: Behaviour): number {
  if (behaviour === 'hang') return 0
  const { status, headers } = typeof behaviour === 'number' ? { status: behaviour, headers: {} } : behaviour
  response.writeHead(status, headers).end('an answer that nobody may see')
  return status
}

export async function startReceiver(behave: Receiver['behave'] = () => 204): Promise<Receiver> {
  const times = new Map<string, number>()
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray().catch(() => undefined)
    if (!chunks) return
    const body = Buffer.concat(chunks).toString()
    if (receiver.secret !== undefined && !isSigned(receiver.secret, request.headers, body)) {
      receiver.forged++
      return response.writeHead(401).end()
    }
    const id = String(request.headers['webhook-id'])
    times.set(id, (times.get(id) ?? 0) + 1)
    const status = answer(response, receiver.behave({ id, body, times: times.get(id) as number }))
    receiver.received.push({ id, body, status, at: performance.now() })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    received: [],
    forged: 0,
    secret: undefined,
    behave,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return receiver
}
