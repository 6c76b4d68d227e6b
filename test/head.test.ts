// What is not an operation answers HEAD like GET, without the body, and whatever the query is.
import t from 'tap'
import { build, buildBehindProxies, exchange, until } from './helper.ts'
import { head } from './wire.ts'

const probes = ['/livez', '/readyz']
const paths = [
  ...probes,
  '/openapi.yaml',
  '/openapi.json',
  '/openapi-3.0.json',
  '/',
  '/docs',
  '/docs/',
  '/docs/json',
  '/docs?x=1',
]
const files = ['/docs/static/swagger-ui-bundle.js', '/docs/static/swagger-initializer.js', '/docs/static/index.html']

/** An empty body has a length that HEAD need not tell. */
const changing = /^(x-request-id|date|content-length: 0$)/i

/** All that comes back: the status line, the headers but those that differ each time, and the body. */
async function ask(port: number, method: string, path: string) {
  const text = await exchange(port, head(method, path, { Connection: 'close' }))
  const end = text.indexOf('\r\n\r\n')
  const lines = text.slice(0, end).split('\r\n')
  return { head: lines.filter((line) => !changing.test(line)).sort(), body: text.slice(end + 4) }
}

t.test('HEAD is answered with the status and the headers of GET, and no body', async (t) => {
  const { port } = await build(t)
  for (const path of [...paths, ...files]) {
    const [got, asked] = [await ask(port, 'GET', path), await ask(port, 'HEAD', path)]
    t.strictSame(asked.head, got.head, path)
    t.match(
      got.head.find((line) => line.startsWith('HTTP/')),
      /^HTTP\/1.1 (200 OK|302 Found)$/,
      path,
    )
    t.equal(asked.body, '', path)
  }
})

t.test('503: HEAD /readyz says so, too, while the database is down', async (t) => {
  const { request, database } = await buildBehindProxies(t)
  t.equal((await request('/readyz', { method: 'HEAD' })).status, 200)
  await database.set('refuse')
  await until(async () => (await request('/readyz', { method: 'HEAD' })).status === 503)
  t.equal((await request('/livez', { method: 'HEAD' })).status, 200)
})

t.test('the query of a probe, or of a document, is ignored', async (t) => {
  const { port } = await build(t)
  for (const path of [...probes, '/openapi.yaml', '/openapi.json', '/openapi-3.0.json']) {
    const plain = await ask(port, 'GET', path)
    for (const query of ['?', '?x=1', '?x=1&x=2', '?%zz', '?__proto__=1', '?/docs'])
      for (const method of ['GET', 'HEAD'])
        t.strictSame((await ask(port, method, path + query)).head, plain.head, `${method} ${path}${query}`)
  }
})
