// How the service closes: no connection is accepted any more, and when the last request that is worked on has its answer, no
// connection is waited for, whatever it does. Then the other plugins close. Registered last: the others are told first.
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { closeGraceMilliseconds } from '../../timings.ts'

/** How often it looks whether the last request has its answer. */
const lookMilliseconds = 25

async function closing(app: FastifyInstance) {
  const { server, connections } = app
  const { sockets, isBusy, shut } = connections

  app.addHook('preClose', async () => {
    server.close()
    shut()
    let quietSince = performance.now()
    while (sockets.size > 0) {
      server.closeIdleConnections()
      if ([...sockets].some(isBusy)) quietSince = performance.now()
      // What is being sent or read until then arrives.
      if (performance.now() - quietSince > closeGraceMilliseconds) for (const socket of sockets) socket.destroy()
      await sleep(lookMilliseconds)
    }
  })
}

export default fp(closing, { name: 'closing', dependencies: ['connections'] })
