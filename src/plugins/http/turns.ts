// Requests that come on one connection before the one before them is answered take turns. So a connection never holds more
// than one answer, whatever the route, and POSTs on it are done one after the other, as HTTP asks for.
import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { unreadMilliseconds } from '../../timings.ts'

/** More than any client sends ahead; who sends more is cut off, because each waiting request takes some kilobytes. */
const maxWaiting = 32

async function turns(app: FastifyInstance) {
  const waiting = new WeakMap<Socket, { count: number }>()

  app.addHook('onRequest', async ({ raw: { socket } }, reply) => {
    const response = reply.raw
    // Node gives a response its socket when those before it have been written.
    if (response.socket !== null) return
    const here = waiting.get(socket) ?? { count: 0 }
    waiting.set(socket, here)
    if (++here.count > maxWaiting) socket.destroy()
    // Node tells of all requests that it has read, also when the connection is gone.
    if (socket.destroyed) return reply.hijack()
    await once(response, 'socket')
    here.count--
    socket.setTimeout(app.server.timeout)
  })

  app.addHook('onSend', async (_request, reply) => {
    reply.raw.socket?.setTimeout(unreadMilliseconds)
  })
}

export default fp(turns, { name: 'turns' })
