// A forward proxy, such as a company has between its machines and the world: it is asked for http:// by the whole URL, and for
// https:// by CONNECT. It alone knows where a host is.
import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import type { Test } from 'tap'

export interface ForwardProxyOptions {
  /** Where every host is. */
  target: { hostname: string; port: number }
  /** What Proxy-Authorization must be, if anything. */
  authorization?: string
  /** It is itself spoken to over TLS. */
  tls?: { key: Buffer; cert: Buffer }
}

export async function startForwardProxy(t: Test, { target, authorization, tls }: ForwardProxyOptions) {
  /** `POST http://host/path` or `CONNECT host:port`. */
  const asked: string[] = []
  const mayPass = (given: string | undefined) => authorization === undefined || given === authorization
  const server: Server = tls ? createTlsServer(tls) : createServer()
  server.on('request', (incoming, answer) => {
    asked.push(`${incoming.method} ${incoming.url}`)
    const { 'proxy-authorization': given, ...headers } = incoming.headers
    if (!mayPass(given)) return answer.writeHead(407).end()
    const url = new URL(incoming.url ?? '')
    const path = url.pathname + url.search
    const outgoing = request({ ...target, path, method: incoming.method, headers }, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers)
      answered.pipe(answer)
    })
    return incoming.pipe(outgoing.on('error', () => answer.destroy()))
  })
  server.on('connect', (incoming, client) => {
    asked.push(`CONNECT ${incoming.url}`)
    if (!mayPass(incoming.headers['proxy-authorization'])) return client.end('HTTP/1.1 407 No\r\n\r\n')
    const part = connect(target.port, target.hostname, () => client.write('HTTP/1.1 200 Connected\r\n\r\n'))
    client.pipe(part).on('error', () => client.destroy())
    return part.pipe(client).on('error', () => part.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo
  return { url: `${tls ? 'https' : 'http'}://localhost:${port}`, asked, server }
}
