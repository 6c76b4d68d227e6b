// The connections of callers: which there are, and which of them a request is worked on for.
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { createDoor, type Door } from '../../door.ts'

declare module 'fastify' {
  interface FastifyInstance {
    connections: Connections
  }
}

interface Connections extends Door {
  /** A request on this connection has come whole, and has no answer yet. */
  isBusy(socket: Socket): boolean
}

async function connections(app: FastifyInstance) {
  /** The request that each connection is at. */
  const current = new WeakMap<Socket, { request: FastifyRequest; reply: FastifyReply }>()
  app.addHook('onRequest', async (request, reply) => {
    current.set(request.raw.socket, { request, reply })
  })

  function isBusy(socket: Socket): boolean {
    const at = current.get(socket)
    return at?.request.raw.complete === true && !at.reply.raw.writableEnded
  }

  app.addHook('onListen', async () => {
    app.server.on('error', (err) => app.log.warn({ err }, 'a connection was not accepted'))
  })
  app.decorate('connections', { ...createDoor(app.server, isBusy), isBusy } satisfies Connections)
}

export default fp(connections, { name: 'connections' })
