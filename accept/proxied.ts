// A replica that reaches PostgreSQL and LiveKit, and is itself reached, through proxies of its own.
import { type FaultProxy, startProxy } from './proxy.ts'
import type { Replica, Stack } from './stack.ts'

export interface Proxied {
  replica: Replica
  /** The replica as its clients reach it. */
  url: string
  proxies: Record<'postgres' | 'livekit' | 'service', FaultProxy>
}

export async function startProxied(stack: Stack): Promise<Proxied> {
  const postgres = await startProxy(stack.postgres.port)
  const livekit = await startProxy(stack.livekit.port)
  const databaseUrl = new URL(stack.postgres.url())
  databaseUrl.port = String(postgres.port)
  const replica = await stack.startReplica({
    DATABASE_URL: databaseUrl.href,
    LIVEKIT_API_URL: `http://127.0.0.1:${livekit.port}`,
  })
  const service = await startProxy(replica.port)
  return { replica, url: `http://127.0.0.1:${service.port}`, proxies: { postgres, livekit, service } }
}
