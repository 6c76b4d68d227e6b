// A TCP proxy in front of a real part (PostgreSQL, livekit-server, the service), through which faults come. It knows what a
// client asks for by name: `holdMinute`, `CreateRoom` (request-names.ts).
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type Fault, join } from './faulty-connection.ts'
import { namesIn } from './request-names.ts'

export type { Fault } from './faulty-connection.ts'

export interface Proxy {
  readonly port: number
  /** The names of all requests, whatever became of them. */
  readonly requests: string[]
  /** What was sent, as text. */
  readonly texts: string[]
  /** Open ones. */
  connections(): number
  /** How often a request of this name was made. */
  count(name: string): number
  /** From now on every request meets this fault, on open connections too. */
  set(fault: Fault): Promise<void>
  /** The next `times` requests of this name, or those whose text `isMeant`, meet this fault instead; whether one has. */
  when(name: string, fault: Fault, times?: number, isMeant?: (text: string) => boolean): () => boolean
  close(): Promise<void>
}

export async function startProxy(target: { host: string; port: number }): Promise<Proxy> {
  const requests: string[] = []
  const texts: string[] = []
  const rules: { name: string; fault: Fault; left: number; isMet: boolean; isMeant(text: string): boolean }[] = []
  const sockets = new Set<Socket>()
  const clients = new Set<Socket>()
  let common: Fault = 'pass'

  function ownFault(text: string): Fault | undefined {
    const names = namesIn(text)
    requests.push(...names)
    texts.push(text)
    const rule = rules.find(({ name, left, isMeant }) => left > 0 && names.includes(name) && isMeant(text))
    if (!rule) return undefined
    rule.left--
    rule.isMet = true
    if (rule.fault === 'refuse') set('refuse')
    return rule.fault
  }

  const server = createServer((client) => {
    const part = connect(target)
    clients.add(client)
    client.on('close', () => clients.delete(client))
    for (const socket of [client, part]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    }
    join(client, part, { own: ownFault, common: () => common })
  })

  const listen = async (port: number) => {
    await once(server.listen(port, '127.0.0.1'), 'listening')
    return (server.address() as AddressInfo).port
  }
  async function set(fault: Fault): Promise<void> {
    common = fault
    if (fault === 'refuse') server.close()
    else if (!server.listening) await listen(port)
    for (const client of clients) {
      if (fault === 'refuse' || fault === 'reset') client.resetAndDestroy()
      if (fault === 'close') client.end()
    }
  }
  const port = await listen(0)

  return {
    port,
    requests,
    texts,
    connections: () => clients.size,
    count: (wanted) => requests.filter((name) => name === wanted).length,
    set,
    when(name, fault, times = 1, isMeant = () => true) {
      const rule = { name, fault, left: times, isMet: false, isMeant }
      rules.push(rule)
      return () => rule.isMet
    },
    async close() {
      // Not reset: Node 20 can spin for ever on a reset of a connection that is being closed.
      for (const socket of sockets) socket.destroy()
      if (server.listening) await new Promise((resolve) => server.close(resolve))
    },
  }
}
