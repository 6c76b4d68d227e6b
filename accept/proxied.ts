// A replica that reaches PostgreSQL and LiveKit, and is itself reached, through proxies of its own.
import { type Proxy as FaultProxy, startProxy } from '../test/proxy.ts'
import type { Replica, Stack } from './stack.ts'

export interface Proxied {
  replica: Replica
  /** The replica as its clients reach it. */
  url: string
  proxies: Record<Part, FaultProxy>
}

type Part = 'postgres' | 'livekit' | 'service'

/** A request that a proxy can tell from others: who is asked, and what for. */
export interface ProxiedRequest {
  part: Part
  /** The function of a repository whose statement it is, LiveKit's method, or the method of an HTTP request. */
  request: string
}

export async function startProxied(stack: Stack): Promise<Proxied> {
  const inFrontOf = (port: number) => startProxy({ host: '127.0.0.1', port })
  const postgres = await inFrontOf(stack.postgres.port)
  const livekit = await inFrontOf(stack.livekit.port)
  const databaseUrl = new URL(stack.postgres.url())
  databaseUrl.port = String(postgres.port)
  const replica = await stack.startReplica({
    DATABASE_URL: databaseUrl.href,
    LIVEKIT_API_URL: `http://127.0.0.1:${livekit.port}`,
  })
  const service = await inFrontOf(replica.port)
  return { replica, url: `http://127.0.0.1:${service.port}`, proxies: { postgres, livekit, service } }
}
