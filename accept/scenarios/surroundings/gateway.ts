// A gateway that serves the service under a path, which it removes from what it passes on; and a page as a browser loads it there.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Gateway {
  /** The page at this path, and what of its own scripts, styles and icons is not found. */
  open(path: string): Promise<{ status: number; loaded: number; missing: string[] }>
  close(): void
}

export async function startGateway(target: string, prefix: string): Promise<Gateway> {
  const server = createServer(async (request, response) => {
    const { url = '' } = request
    if (!url.startsWith(`${prefix}/`)) return response.writeHead(404).end()
    const answer = await fetch(target + url.slice(prefix.length), { redirect: 'manual' })
    const location = answer.headers.get('location')
    response.writeHead(answer.status, location === null ? {} : { location })
    response.end(Buffer.from(await answer.arrayBuffer()))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    async open(path) {
      const page = await fetch(origin + path)
      const html = await page.text()
      const addresses = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(
        ([, address]) => new URL(String(address), page.url),
      )
      const found = await Promise.all(addresses.map(async ({ href }) => ((await fetch(href)).ok ? [] : [href])))
      return { status: page.status, loaded: addresses.length, missing: found.flat() }
    },
    close: () => server.close().closeAllConnections(),
  }
}
