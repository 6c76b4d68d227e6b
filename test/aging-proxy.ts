// A TCP proxy in front of livekit-server whose connections can all be declared old: an old one is dead in some way, while every
// new one works. This is what a load balancer does that drops what is idle, or that is replaced.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/** How an old connection ends: at once, or when something is sent on it; with a FIN, a reset, or a FIN that is all of an answer. */
export type Age = 'FIN at once' | 'reset at once' | 'FIN at the next call' | 'reset at the next call' | 'half an answer'

const half = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n{"rooms":['

function endOld(client: Socket, age: Age): void {
  if (age.startsWith('reset')) client.resetAndDestroy()
  else client.end(age === 'half an answer' ? half : '')
}

export async function startAgingProxy(t: Test, livekitUrl: string) {
  const { hostname, port } = new URL(livekitUrl)
  const open = new Map<Socket, Age | 'young'>()
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const livekit = connect(Number(port), hostname)
    open.set(client, 'young')
    client.on('data', (data) => {
      const age = open.get(client)
      if (age === 'young') livekit.write(data)
      else if (age) endOld(client, age)
    })
    livekit.on('data', (data) => client.write(data))
    client.on('error', () => {}).on('end', () => client.end())
    client.on('close', () => {
      open.delete(client)
      livekit.destroy()
    })
    livekit.on('error', () => client.destroy()).on('end', () => client.end())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    for (const client of open.keys()) client.destroy()
    server.close()
  })
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Connections that the service has open. */
    open: () => open.size,
    /** All connections that are open now are old; how many they are. */
    age(age: Age): number {
      const old = [...open.keys()]
      for (const client of old) {
        open.set(client, age)
        if (age.endsWith('at once')) endOld(client, age)
      }
      return old.length
    },
  }
}
