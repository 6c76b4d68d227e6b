// The contract, served: to the byte, as JSON, and as a page.
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { parse } from 'yaml'
import { asOpenapi30 } from '../src/contract/openapi-3.0.ts'
import { build } from './helper.ts'

t.test('/openapi.yaml is the authored file, to the byte', async (t) => {
  const { url } = await build(t)
  const answer = await fetch(`${url}/openapi.yaml`)
  t.equal(answer.status, 200)
  t.equal(answer.headers.get('content-type'), 'application/yaml')
  t.equal(Buffer.compare(Buffer.from(await answer.arrayBuffer()), await readFile('openapi.yaml')), 0)
})

t.test('/openapi.json is the same document', async (t) => {
  const { request } = await build(t)
  const answer = await request('/openapi.json')
  t.equal(answer.status, 200)
  t.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8')
  t.strictSame(answer.json, parse(await readFile('openapi.yaml', 'utf8')))
})

t.test('/openapi-3.0.json is what is derived from it', async (t) => {
  const { request } = await build(t)
  const answer = await request('/openapi-3.0.json')
  t.equal(answer.status, 200)
  t.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8')
  t.strictSame(answer.json, asOpenapi30(parse(await readFile('openapi.yaml', 'utf8'))))
})

t.test('/docs is Swagger UI on that document, and all that the page loads is there', async (t) => {
  const { request } = await build(t)
  for (const path of ['/docs', '/docs/']) {
    const page = await request(path)
    t.equal(page.status, 200, path)
    t.equal(page.headers.get('content-type'), 'text/html; charset=utf-8')
    t.match(page.text, '<div id="swagger-ui"></div>')
    t.match(page.text, '<title>Voice sessions API</title>')
    t.match(page.text, /<link rel="icon" [^>]*href="[^"]*\/theme\/icon.svg"/)
    const links = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link as string)
    t.ok(links.length >= 4, 'scripts and styles')
    for (const link of links) {
      const file = await request(new URL(link, `http://localhost${path}`).pathname)
      t.equal(file.status, 200, link)
      t.equal(file.headers.get('x-content-type-options'), 'nosniff', link)
    }
  }
  const [loaded, served] = [(await request('/docs/json')).json, (await request('/openapi.json')).json]
  t.strictSame(loaded.paths, served.paths)
})

t.test('/docs has README.md and the guide beside it, as text', async (t) => {
  const { request } = await build(t)
  for (const [path, file] of [
    ['/docs/README.md', 'README.md'],
    ['/docs/guide.md', 'docs/guide.md'],
  ] as const) {
    const { status, headers, text } = await request(path)
    t.equal(status, 200, path)
    t.equal(headers.get('content-type'), 'text/plain; charset=utf-8', 'which every browser shows')
    t.equal(text, await readFile(file, 'utf8'), path)
  }
})

t.test(
  '/docs carries the headers of helmet, and its policy lets the page run nothing but its own scripts',
  async (t) => {
    const { request } = await build(t)
    for (const path of ['/docs', '/docs/static/swagger-ui-bundle.js', '/docs/static/none']) {
      const { headers } = await request(path)
      const policy = headers.get('content-security-policy') ?? ''
      t.match(policy, /(^|;)default-src 'self'/, path)
      t.match(policy, /(^|;)script-src 'self'(;|$)/, path)
      t.match(policy, /(^|;)object-src 'none'/, path)
      t.notMatch(policy, 'upgrade-insecure-requests', 'the page works over plain HTTP')
      t.equal(headers.get('x-frame-options'), 'SAMEORIGIN', path)
      t.equal(headers.get('referrer-policy'), 'no-referrer', path)
      t.equal(headers.get('x-content-type-options'), 'nosniff', path)
      t.equal(headers.get('strict-transport-security'), null, 'TLS is not ours to promise')
      t.match(headers.get('x-request-id'), /^[0-9a-f-]{36}$/)
    }
  },
)

t.test('nothing beside the files of Swagger UI can be read through /docs', async (t) => {
  const { request } = await build(t)
  for (const path of [
    '%2e%2e/package.json',
    '..%2f..%2fpackage.json',
    '%2e%2e%2f%2e%2e%2findex.js',
    '.env',
    'none.js',
  ]) {
    const { status, json } = await request(`/docs/static/${path}`)
    t.ok(status === 404 || status === 400, path)
    t.strictSame(Object.keys(json), ['detail'], path)
  }
})
