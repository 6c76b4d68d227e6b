// The page at /docs: found from `/`, at home behind a path of a gateway, and left out where the operator does not want it.
import { readFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { asOpenapi30 } from '../src/contract/openapi-3.0.ts'
import type { Json } from './document.ts'
import { build, refused } from './helper.ts'
import { startPathProxy } from './path-proxy.ts'

const authored = async () => parse(await readFile('openapi.yaml', 'utf8'))

/** The service under this path of a gateway, which removes it; `url` ends with the path. */
async function buildUnder(t: Test, path: string, changes: Record<string, string> = {}) {
  const service = await build(t, changes)
  const gateway = await startPathProxy(t, service.url, path)
  return { ...service, base: `${gateway.url.replace('ws:', 'http:')}/` }
}

/** What a browser loads for the page: its files, and the document as the page's script finds it. */
function partsOf(page: string, html: string) {
  const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => new URL(link as string, page).href)
  // As swagger-initializer.js does it.
  const document = new URL('./json', page.endsWith('/') ? page : `${page}/`).href
  return { links, document }
}

for (const path of ['/voice', '/a/b.c', '']) {
  t.test(`/docs works under ${path || '/'}, and tries the operations there`, async (t) => {
    const { base } = await buildUnder(t, path)
    const loaded = new Set<string>()
    for (const start of ['', '?x=1', 'docs', 'docs/', 'docs?x=1', 'docs/?x=1', 'docs?/', 'docs/static/index.html']) {
      const answer = await fetch(new URL(start, base))
      t.equal(answer.status, 200, start)
      t.ok([`${base}docs`, `${base}docs/`].includes(answer.url), `${start} leads to ${answer.url}`)
      const { links, document } = partsOf(answer.url, await answer.text())
      t.ok(links.length >= 4, 'scripts and styles')
      for (const link of links.filter((link) => !loaded.has(link))) {
        t.equal((await fetch(link, { method: 'HEAD' })).status, 200, `${start}: ${link}`)
        loaded.add(link)
      }
      const { servers, ...rest } = (await (await fetch(document)).json()) as Json
      t.equal(new URL(servers[0].url, document).href, base, 'relative to the document')
      t.match(await authored(), rest)
    }
  })
}

t.test('PUBLIC_URL may hold what a pattern of replacement does', async (t) => {
  const url = "https://api.example/$&/$'/$`/$1/$$"
  const { request } = await build(t, { PUBLIC_URL: url })
  t.strictSame(parse((await request('/openapi.yaml')).text).servers, [{ url }])
  t.strictSame((await request('/openapi.json')).json.servers, [{ url }])
})

t.test('PUBLIC_URL is the server that the served documents name; all else is as it was written', async (t) => {
  const { request } = await build(t, { PUBLIC_URL: 'https://api.example/voice/' })
  const expected = { ...(await authored()), servers: [{ url: 'https://api.example/voice' }] }
  t.strictSame((await request('/openapi.json')).json, expected)
  t.strictSame((await request('/openapi-3.0.json')).json, asOpenapi30(expected))
  const { text } = await request('/openapi.yaml')
  t.strictSame(parse(text), expected)
  t.equal(
    text.split('\n').length,
    (await readFile('openapi.yaml', 'utf8')).split('\n').length - 2,
    'one line for three',
  )
})

t.test('SERVE_DOCS=false: the page and all below it, and `/`, are unknown; the documents are there', async (t) => {
  const { request } = await build(t, { SERVE_DOCS: 'false' })
  for (const path of ['/', '/docs', '/docs/', '/docs/json', '/docs/yaml', '/docs/static/swagger-ui.css', '/docs?x=1'])
    for (const method of ['GET', 'POST']) refused(t, await request(path, { method }), 404, 'Not found')
  for (const path of ['/openapi.yaml', '/openapi.json', '/openapi-3.0.json', '/livez'])
    t.equal((await request(path)).status, 200, path)
})
