// LiveKit's webhooks come through here to one of the replicas; they can be lost, doubled and held back on the way.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Webhook {
  body: string
  authorization: string
}

export interface WebhookRelay {
  /** What LiveKit is configured with. */
  url: string
  /** Base URLs of the replicas, asked in turn. */
  targets: string[]
  /**
   * What becomes of a webhook: how often it is delivered, each after so many milliseconds, and LiveKit is told that all is well.
   * Where it is unset, or says nothing: once, at once, and LiveKit gets the service's answer before it sends the next.
   */
  deliveries: ((webhook: Webhook) => number[] | undefined) | undefined
  /** Delivers one to a replica; the status of the answer, 0 where there was none. */
  deliver(webhook: Webhook): Promise<number>
  close(): Promise<void>
}

export async function startRelay(): Promise<WebhookRelay> {
  let turn = 0
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray()
    const webhook = { body: Buffer.concat(chunks).toString(), authorization: String(request.headers.authorization) }
    const delays = relay.deliveries?.(webhook)
    if (!delays) return response.writeHead((await relay.deliver(webhook)) || 503).end()
    for (const delay of delays) setTimeout(() => relay.deliver(webhook), delay)
    response.writeHead(200).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const relay: WebhookRelay = {
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
