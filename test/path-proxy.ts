// A reverse proxy that has livekit-server under a path of its own, and strips it: what a company has in front of all it serves.
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Test } from 'tap'

export async function startPathProxy(t: Test, livekitUrl: string, path: string) {
  const { hostname, port } = new URL(livekitUrl)
  const calls: string[] = []
  /** The path at LiveKit; undefined for what is not under the proxy's. */
  const inner = (url = '') => (url.startsWith(`${path}/`) ? url.slice(path.length) : undefined)

  const server = createServer((incoming, answer) => {
    const target = inner(incoming.url)
    calls.push(target?.split('?', 1)[0] ?? 'elsewhere')
    if (target === undefined) return answer.writeHead(404, { 'content-type': 'text/html' }).end('<p>nothing here')
    const options = { hostname, port, path: target, method: incoming.method, headers: incoming.headers }
    const outgoing = request(options, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers)
      answered.pipe(answer)
    })
    return incoming.pipe(outgoing.on('error', () => answer.destroy()))
  })
  server.on('upgrade', (incoming, client) => {
    const lines = incoming.rawHeaders.map((text, index) => (index % 2 === 0 ? `\r\n${text}: ` : text)).join('')
    const livekit = connect(Number(port), hostname)
    calls.push('upgrade')
    livekit.write(`GET ${inner(incoming.url) ?? '/'} HTTP/1.1${lines}\r\n\r\n`)
    client.pipe(livekit).on('error', () => client.destroy())
    livekit.pipe(client).on('error', () => livekit.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close().closeAllConnections())
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, calls }
}
