// A TCP proxy in front of a real part (PostgreSQL, livekit-server), through which faults are injected.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * pass: forward. refuse: nobody listens. reset: every connection is reset. hang: connections are accepted, nothing is
 * answered. cut: the connection is closed in the middle. A delay forwards after so many milliseconds; an answer is sent
 * in place of the real part's.
 */
export type Fault = 'pass' | 'refuse' | 'reset' | 'hang' | 'cut' | { delayMilliseconds: number } | { answer: string }

export interface Proxy {
  readonly port: number
  /** Requests or statements that were seen, as text: what reached the proxy, whatever became of it. */
  readonly seen: string[]
  /** From now on every connection, open ones too, meets this fault. */
  set(fault: Fault): Promise<void>
  /** The first time a client sends something that matches, that connection meets the fault; all else passes. */
  setWhen(pattern: RegExp, fault: Fault): void
  close(): Promise<void>
}

export async function startProxy(target: { host: string; port: number }): Promise<Proxy> {
  let fault: Fault = 'pass'
  let trigger: { pattern: RegExp; fault: Fault } | undefined
  const seen: string[] = []
  const sockets = new Set<Socket>()

  function hit(fault: Fault, client: Socket, upstream: Socket, data: Buffer): void {
    if (fault === 'pass') upstream.write(data)
    else if (fault === 'reset' || fault === 'refuse') client.resetAndDestroy()
    else if (fault === 'cut') client.end()
    else if (typeof fault === 'object' && 'answer' in fault) client.end(fault.answer)
    else if (typeof fault === 'object') setTimeout(() => upstream.write(data), fault.delayMilliseconds)
  }

  const server = createServer((client) => {
    const upstream = connect(target)
    let own: Fault | undefined
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    client.on('data', (data) => {
      const text = data.toString('latin1')
      seen.push(text)
      if (trigger?.pattern.test(text)) {
        own = trigger.fault
        trigger = undefined
      }
      hit(own ?? fault, client, upstream, data)
    })
    upstream.on('data', (data) => {
      if ((own ?? fault) !== 'hang') client.write(data)
    })
    upstream.on('end', () => client.end())
  })

  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const destroyAll = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  const port = await listen(0)

  return {
    port,
    seen,
    async set(next) {
      if (next === 'refuse' && server.listening) server.close()
      if (next !== 'refuse' && !server.listening) await listen(port)
      if (next === 'refuse' || next === 'reset' || next === 'cut') destroyAll()
      fault = next
    },
    setWhen(pattern, next) {
      trigger = { pattern, fault: next }
    },
    async close() {
      destroyAll()
      if (server.listening) await new Promise((resolve) => server.close(resolve))
    },
  }
}
