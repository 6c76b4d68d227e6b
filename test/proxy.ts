// A TCP proxy in front of a real part (PostgreSQL, livekit-server), through which faults are injected.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createReader } from '../accept/said.ts'

/**
 * pass: forward. refuse: nobody listens, and open connections are reset. reset: the connection is reset. hang: what is sent
 * gets lost, nothing is answered. cut: the connection is closed in the middle. mute: the part hears, its answer never
 * comes. lose: the part hears, and the connection is reset once it answers. A delay forwards after so many milliseconds; an
 * answer is sent in place of the real part's; `first` is done before what was sent goes on.
 */
export type Fault =
  | ('pass' | 'refuse' | 'reset' | 'hang' | 'cut' | 'mute' | 'lose')
  | { delayMilliseconds: number }
  | { answer: string | ((sent: string) => string) }
  | { first: () => unknown }

export interface Proxy {
  readonly port: number
  /** Requests or statements that were seen, as text: what reached the proxy, whatever became of it. */
  readonly seen: string[]
  /** Connections that were made to it. */
  connections(): number
  /** From now on every connection, open ones too, meets this fault. */
  set(fault: Fault): Promise<void>
  /** The next `times` that a client sends something that matches, that connection meets the fault; all else passes. */
  setWhen(pattern: RegExp, fault: Fault, times?: number): void
  close(): Promise<void>
}

export async function startProxy(target: { host: string; port: number }): Promise<Proxy> {
  let fault: Fault = 'pass'
  const triggers: { pattern: RegExp; fault: Fault; times: number }[] = []
  let connections = 0
  const seen: string[] = []
  const clients = new Set<Socket>()

  async function hit(fault: Fault, client: Socket, upstream: Socket, data: Buffer): Promise<void> {
    if (fault === 'pass' || fault === 'mute' || fault === 'lose') upstream.write(data)
    else if (fault === 'reset' || fault === 'refuse') client.resetAndDestroy()
    else if (fault === 'cut') client.end()
    else if (fault === 'hang') return
    else if ('answer' in fault) client.end(typeof fault.answer === 'string' ? fault.answer : fault.answer(String(data)))
    else if ('first' in fault) await Promise.resolve(fault.first()).then(() => upstream.write(data))
    else setTimeout(() => upstream.write(data), fault.delayMilliseconds)
  }

  const server = createServer((client) => {
    const upstream = connect(target)
    const read = createReader()
    let own: Fault | undefined
    connections++
    clients.add(client)
    client.on('error', () => {})
    client.on('close', () => {
      clients.delete(client)
      upstream.destroy()
    })
    upstream.on('error', () => {})
    upstream.on('close', () => client.destroy())
    client.on('data', (data) => {
      const text = read(data)
      seen.push(text)
      if (own !== undefined && typeof own === 'object' && 'first' in own) own = undefined
      const trigger = triggers.find(({ pattern, times }) => times > 0 && pattern.test(text))
      if (trigger) {
        trigger.times--
        own = trigger.fault
        if (own === 'refuse') set(own)
      }
      hit(own ?? fault, client, upstream, data)
    })
    upstream.on('data', (data) => {
      const met = own ?? fault
      if (met === 'lose') client.resetAndDestroy()
      else if (met !== 'hang' && met !== 'mute') client.write(data)
    })
    upstream.on('end', () => client.end())
  })

  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const set = async (next: Fault) => {
    if (next === 'refuse' && server.listening) server.close()
    if (next !== 'refuse' && !server.listening) await listen(port)
    if (next === 'refuse' || next === 'reset' || next === 'cut') for (const client of clients) client.resetAndDestroy()
    fault = next
  }
  const port = await listen(0)

  return {
    port,
    seen,
    connections: () => connections,
    set,
    setWhen(pattern, next, times = 1) {
      triggers.push({ pattern, fault: next, times })
    },
    async close() {
      // Not reset: Node 20 can spin for ever on a reset of a connection that is being closed.
      for (const client of clients) client.destroy()
      if (server.listening) await new Promise((resolve) => server.close(resolve))
    },
  }
}
