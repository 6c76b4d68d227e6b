// Finds ports nobody listens on. Another process may still take one before it is used, so whoever starts a server on
// such a port must be ready to try another.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** The preferred TCP port when it is free on that host, otherwise any free one. */
export async function freeTcpPort(preferred = 0, host = '127.0.0.1'): Promise<number> {
  const server = createServer()
  try {
    server.listen({ port: preferred, host, exclusive: true })
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('a TCP server without a port')
    return address.port
  } catch (error) {
    if (preferred === 0) throw error
    return freeTcpPort(0, host)
  } finally {
    server.close()
  }
}

/** Any free UDP port of the loopback address. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}
