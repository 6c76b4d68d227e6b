// LiveKit, as the rest of the service uses it.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { livekitTimeoutSeconds } from '../../timings.ts'
import { Api } from './api.ts'
import { createLiveKit, type LiveKit, type LiveKitOptions } from './rooms.ts'
import { createTransport } from './transport.ts'

declare module 'fastify' {
  interface FastifyInstance {
    livekit: LiveKit
  }
}

interface Options extends LiveKitOptions {
  /** Where LiveKit's API is, `http(s)://` or `ws(s)://`. */
  apiUrl: string
  /** Whether it is called through the proxies of the environment. */
  usesProxies: boolean
}

async function livekit(app: FastifyInstance, options: Options) {
  const { apiUrl: url, usesProxies } = options
  const transport = createTransport({ url, usesProxies, timeoutMilliseconds: livekitTimeoutSeconds * 1000 })
  app.addHook('onClose', () => transport.close())
  app.decorate('livekit', createLiveKit(options, new Api(transport, url, options)))
}

export default fp(livekit, { name: 'livekit' })
