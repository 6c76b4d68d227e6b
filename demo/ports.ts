// Finds ports nobody listens on. Another process may still take one before it is used, so whoever starts a server on
// such a port must be ready to try another.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Below the ports that Linux and macOS give to connections going out: none of those takes a port while its server is down to
 * be started again.
 */
const [firstPort, ports] = [10_000, 22_000]

/** The preferred TCP port when it is free on that host, otherwise any free one. */
export async function freeTcpPort(preferred = 0, host = '127.0.0.1'): Promise<number> {
  const port = preferred || firstPort + Math.floor(Math.random() * ports)
  const server = createServer()
  try {
    await once(server.listen({ port, host, exclusive: true }), 'listening')
    return port
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE' || preferred !== 0) return freeTcpPort(0, host)
    throw error
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
