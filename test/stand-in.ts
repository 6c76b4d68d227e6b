// An HTTP server in LiveKit's place, for answers that a real one does not give.
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export async function startStandIn(t: Test, answer: RequestListener) {
  const server = createServer(answer)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close().closeAllConnections())
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
