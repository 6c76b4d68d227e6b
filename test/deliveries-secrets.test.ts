// What is known of an endpoint's URL stays here: its path and query are in no line of the log, at any level, whatever becomes of an
// attempt; and no proxy of the environment is told of it.
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { sql } from 'kysely'
import t from 'tap'
import { createCertificate } from './certificate.ts'
import { startForwardProxy } from './forward-proxy.ts'
import { build, environment, parts } from './helper.ts'
import { startServer } from './processes.ts'
import {
  type Answer,
  addEndpoint,
  deliveriesOf,
  hang,
  insecure,
  isDelivered,
  skipWaits,
  startReceiver,
  status,
  tell,
  until,
  untilDelivery,
  wasTried,
} from './receiver.ts'

const canary = 'canary-path/x?key=canary-query'
const certificate = createCertificate(t.testdir())

/** What a receiver does, by the part of the path that says it; each says its path once more. */
const answers: Record<string, Answer> = {
  taken: status(204),
  refused: (response, { path }) => void response.writeHead(500, { 'x-path': path }).end(path),
  moved: (response, { path }) => void response.writeHead(307, { location: path }).end(path),
  gone: status(410),
  reset: (response) => void response.destroy(),
  'no HTTP': (response, { path }) => void response.socket?.end(`${path}\r\n\r\n`),
  hangs: hang,
}

/** URLs of nobody, or that lead inside, or cannot be. */
const nowhere = [
  `http://127.0.0.1:1/${canary}`,
  `https://nobody.test/${canary}`,
  `https://10.0.0.1/${canary}`,
  `http://public.example/${canary}`,
  `https://name:canary-word@public.example/${canary}`,
  `ftp://public.example/${canary}`,
  `https://public.example:99999/${canary}`,
  `//${canary}`,
]

t.test('of a URL only the host is in the log', async (t) => {
  const { app, db, organization } = await build(t)
  await app.close()
  const receiver = await startReceiver(t)
  receiver.answer = (response, received, request) =>
    answers[decodeURI(received.path.split('/')[1] ?? '')]?.(response, received, request)
  const tls = createServer(certificate, (_, response) => response.end())
  await once(tls.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => tls.close())
  const add = async (url: string, secret?: string) => (await addEndpoint(db, organization.id, url, secret)).id
  const local = (path: string) => `http://127.0.0.1:${receiver.port}/${encodeURI(path)}/${canary}`
  const ids: string[] = []
  for (const path of Object.keys(answers)) ids.push(await add(local(path)))
  for (const url of [...nowhere, `https://localhost:${(tls.address() as AddressInfo).port}/${canary}`])
    ids.push(await add(url))
  const unreadable = await add(local('taken'), 'enc1:AAAA')
  const server = await startServer(t, await environment({ ...insecure, LOG_LEVEL: 'trace' }))
  await tell(db, organization.id)
  for (const id of ids) await untilDelivery({ db }, id, wasTried(1))
  answers.hangs = status(500)
  await sql`UPDATE webhook_deliveries SET tries = 9 WHERE delivered_at IS NULL`.execute(db)
  await skipWaits({ db })
  const all = async () => (await Promise.all(ids.map((id) => deliveriesOf({ db }, id)))).flat()
  await until(async () =>
    (await all()).every((row) => isDelivered(row) || row.given_up_at || row.answer_status === 410),
  )
  await until(async () => (await deliveriesOf({ db }, unreadable))[0]?.attempt)
  server.child.kill('SIGTERM')
  const { stdout, stderr } = await server.finished
  for (const line of ['delivered', 'not delivered', 'given up', 'endpoint disabled'])
    t.match(stdout, `"msg":"webhook ${line}`)
  t.match(stdout, '"host":"nobody.test"')
  t.notMatch(stdout + stderr, /canary/)
})

t.test('no proxy of the environment is asked', async (t) => {
  const { hostname, port } = new URL(parts.livekitUrl)
  const proxy = await startForwardProxy(t, { target: { hostname, port: Number(port) } })
  const { app, db, organization } = await build(t)
  await app.close()
  const receiver = await startReceiver(t)
  let connections = 0
  const tls = createServer(certificate, (_, response) => response.end()).on('connection', () => connections++)
  await once(tls.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => tls.close())
  const { id: plain } = await addEndpoint(db, organization.id, receiver.url)
  const { id: secure } = await addEndpoint(
    db,
    organization.id,
    `https://localhost:${(tls.address() as AddressInfo).port}/`,
  )
  const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy']
  const proxies = Object.fromEntries(names.map((name) => [name, proxy.url]))
  const changes = { ...insecure, ...proxies, NODE_USE_ENV_PROXY: '1', NODE_EXTRA_CA_CERTS: certificate.file }
  await startServer(t, await environment({ ...changes, LOG_LEVEL: 'info' }))
  await tell(db, organization.id)
  for (const id of [plain, secure]) t.equal((await untilDelivery({ db }, id, isDelivered)).failure, null)
  t.equal(connections, 1)
  // What LiveKit is asked goes through it: it would have been used.
  await until(async () => proxy.asked.length > 0)
  t.strictSame(
    proxy.asked.filter((request) => !request.includes('/twirp/livekit.')),
    [],
  )
})
