// Where the service listens: on every address that HOST has, such as both of localhost. One HTTP server takes the connections
// of all, so that each is treated alike.
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** Rejects where one of the host's addresses cannot be listened on, unless this machine only lacks its family. */
    listenOn(host: string, port: number): Promise<void>
  }
}

/** What the system says of an address of a family that it does not have. */
const lacksAddress = /^(EADDRNOTAVAIL|EAFNOSUPPORT)$/

async function addresses(app: FastifyInstance) {
  const { server, log } = app
  const others = new Set<Server>()
  app.addHook('preClose', async () => {
    for (const other of others) other.close()
  })

  async function listenToo(address: string): Promise<void> {
    const { port } = server.address() as AddressInfo
    const other = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit('connection', socket))
    await once(other.listen(port, address), 'listening')
    other.on('error', (err) => log.warn({ err }, 'a connection was not accepted'))
    others.add(other)
    log.info(`Server listening at http://${address.includes(':') ? `[${address}]` : address}:${port}`)
  }

  app.decorate('listenOn', async (host: string, port: number) => {
    const found = await lookup(host, { all: true })
    let failure: NodeJS.ErrnoException | undefined
    for (const address of new Set(found.map(({ address }) => address)))
      await (server.listening ? listenToo(address) : app.listen({ host: address, port })).catch((error) => {
        if (!lacksAddress.test(error.code)) throw error
        failure = error
      })
    if (!server.listening) throw failure
  })
}

export default fp(addresses, { name: 'addresses' })
