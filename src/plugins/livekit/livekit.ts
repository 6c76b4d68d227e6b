// LiveKit, as the rest of the service uses it.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { livekitTimeoutSeconds } from '../../timings.ts'
import { createAuthorize } from './api.ts'
import { createAsk } from './ask.ts'
import { createRooms, type LiveKit, type RoomsOptions } from './rooms.ts'
import type { Proxies } from './route.ts'
import { createTransport } from './transport.ts'
import { createUp } from './up.ts'

declare module 'fastify' {
  interface FastifyInstance {
    livekit: LiveKit
  }
}

interface LiveKitOptions extends RoomsOptions {
  /** Where LiveKit's API is, `http(s)://` or `ws(s)://`. */
  apiUrl: string
  /** Those of the environment; undefined where they are not to be used. */
  proxies: Proxies | undefined
}

async function livekit(app: FastifyInstance, options: LiveKitOptions) {
  const { apiUrl: url, proxies, apiKey, apiSecret } = options
  const transport = createTransport({ url, proxies, connectMilliseconds: livekitTimeoutSeconds * 1000 })
  app.addHook('onClose', () => transport.close())
  const ask = createAsk(transport, createAuthorize(apiKey, apiSecret), [apiKey, apiSecret], createUp(app))
  app.decorate('livekit', createRooms(options, ask))
}

export default fp(livekit, { name: 'livekit', dependencies: ['metrics'] })
