// A way to LiveKit on which a client asks for more than LiveKit's own client would: a parameter is added to the URL of its
// WebSocket. A browser's `new WebSocket(…)` does the same in one line.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import type { Test } from 'tap'

export async function wayTo(t: Pick<Test, 'teardown'>, livekitUrl: string, query: string): Promise<string> {
  const { hostname, port } = new URL(livekitUrl)
  const server = createServer((client) => {
    const part = connect(Number(port), hostname)
    client.once('data', (data) => {
      // Of a path that LiveKit does not know, the client goes back to the one that takes the parameter.
      const head = data
        .toString('latin1')
        .replace('GET /rtc/v1?', 'GET /none?')
        .replace('GET /rtc?', `GET /rtc?${query}&`)
      part.write(Buffer.from(head, 'latin1'))
      client.pipe(part)
    })
    part.pipe(client)
    for (const [socket, other] of [
      [client, part],
      [part, client],
    ] as const)
      socket.on('error', () => undefined).on('close', () => other.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}
