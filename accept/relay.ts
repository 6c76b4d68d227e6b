// LiveKit's events come through here to one of the replicas; they can be lost, doubled and held back on the way.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SignedLiveKitEvent {
  body: string
  authorization: string
}

export interface LiveKitEventRelay {
  /** What LiveKit is configured with. */
  url: string
  /** Base URLs of the replicas, asked in turn. */
  targets: string[]
  /**
   * What becomes of an event: how often it is delivered, each after so many milliseconds, and LiveKit is told that all is well.
   * Where it is unset, or says nothing: once, at once, and LiveKit gets the service's answer before it sends the next.
   */
  deliveries: ((event: SignedLiveKitEvent) => number[] | undefined) | undefined
  /** Delivers one to a replica; the status of the answer, 0 where there was none. */
  deliver(event: SignedLiveKitEvent): Promise<number>
  close(): Promise<void>
}

export async function startRelay(): Promise<LiveKitEventRelay> {
  let turn = 0
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray()
    const event = { body: Buffer.concat(chunks).toString(), authorization: String(request.headers.authorization) }
    const delays = relay.deliveries?.(event)
    if (!delays) return response.writeHead((await relay.deliver(event)) || 503).end()
    for (const delay of delays) setTimeout(() => relay.deliver(event), delay)
    response.writeHead(200).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const relay: LiveKitEventRelay = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/livekit`,
    targets: [],
    deliveries: undefined,
    async deliver({ body, authorization }) {
      const target = relay.targets[turn++ % relay.targets.length]
      const headers = { 'content-type': 'application/webhook+json', authorization }
      const answer = await fetch(`${target}/webhooks/livekit`, { method: 'POST', headers, body }).catch(() => undefined)
      await answer?.arrayBuffer()
      return answer?.status ?? 0
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return relay
}
