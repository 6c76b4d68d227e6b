// What counts as taken, and what of an answer is kept: its status, and nothing else.

import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import t from 'tap'
import { createCertificate } from './certificate.ts'
import { type Answer, addEndpoint, buildWithEndpoint, hang, status, tell, untilDelivery, wasTried } from './receiver.ts'

const taken: Record<string, Answer> = {
  200: status(200),
  '202, with a page': (response) => void response.writeHead(202).end('a'.repeat(100_000)),
  '204': status(204),
  '299 that breaks off': (response) => {
    response.writeHead(299, { 'content-length': '10' }).write('a')
    setTimeout(() => response.destroy(), 100)
  },
}
const refused: Record<string, [Answer, string, number | null]> = {
  '301 to a place that would take it': [status(301, { location: '/elsewhere' }), 'status', 301],
  '307 to a place that would take it': [status(307, { location: '/elsewhere' }), 'status', 307],
  '400 with a page': [(response) => void response.writeHead(400).end('a'.repeat(100_000)), 'status', 400],
  '404': [status(404), 'status', 404],
  '500': [status(500), 'status', 500],
  'the end of the connection': [(response) => void response.destroy(), 'connection', null],
  'no HTTP': [(response) => void response.socket?.end('canary\r\n\r\n'), 'connection', null],
  'a head without an end': [
    (response) => void response.socket?.end(`HTTP/1.1 200 OK\r\nx: ${'canary'.repeat(10_000)}`),
    'connection',
    null,
  ],
  'nothing, for 20 s': [hang, 'timeout', null],
}

t.test('each answer', async (t) => {
  const { service, receiver, endpoint } = await buildWithEndpoint(t)
  await sql`DELETE FROM webhook_endpoints WHERE id = ${endpoint.id}`.execute(service.db)
  const answers = new Map<string, Answer>()
  receiver.answer = (response, received, request) => answers.get(received.path)?.(response, received, request)
  const add = async (answer: Answer) => {
    const path = `/${answers.size}`
    answers.set(path, answer)
    return (await addEndpoint(service.db, service.organization.id, `http://localhost:${receiver.port}${path}`)).id
  }
  const [takenIds, refusedIds]: string[][] = [[], []]
  for (const answer of Object.values(taken)) takenIds?.push(await add(answer))
  for (const [answer] of Object.values(refused)) refusedIds?.push(await add(answer))
  const closed = (await addEndpoint(service.db, service.organization.id, 'http://127.0.0.1:1/')).id
  await tell(service.db, service.organization.id)
  for (const [index, what] of Object.keys(taken).entries()) {
    const row = await untilDelivery(service, takenIds?.[index] ?? '', wasTried(1))
    t.ok(row.delivered_at, what)
    t.match(row, { answer_status: Number(what.slice(0, 3)), failure: null }, what)
  }
  for (const [index, [what, [, failure, answer_status]]] of Object.entries(refused).entries())
    t.match(
      await untilDelivery(service, refusedIds?.[index] ?? '', wasTried(1)),
      { failure, answer_status, delivered_at: null },
      what,
    )
  t.match(await untilDelivery(service, closed, wasTried(1)), { failure: 'connection', answer_status: null })
  t.notOk(
    receiver.received.some(({ path }) => path === '/elsewhere'),
    'no redirect is followed',
  )
  const { rows } = await sql<{
    text: string
  }>`SELECT string_agg(d::text, '') AS text FROM webhook_deliveries d`.execute(service.db)
  t.notMatch(rows[0]?.text, /canary|receiver/, 'nothing of an answer is stored')
})

t.test('an answer that never ends counts by its status', { timeout: 120_000 }, async (t) => {
  const { service, endpoint } = await buildWithEndpoint(t, (response) => {
    response.writeHead(200)
    const timer = setInterval(() => response.write('.'), 200)
    response.on('close', () => clearInterval(timer))
  })
  await tell(service.db, service.organization.id)
  t.match(await untilDelivery(service, endpoint.id, wasTried(1)), { answer_status: 200, failure: null })
})

t.test('https whose certificate nobody vouches for is not trusted', async (t) => {
  const { cert, key } = createCertificate(mkdtempSync(join(tmpdir(), 'voice-sessions-test-')))
  const server = createTlsServer({ cert, key }, (_, response) => response.end())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const { service } = await buildWithEndpoint(t)
  const url = `https://localhost:${(server.address() as AddressInfo).port}/`
  const { id } = await addEndpoint(service.db, service.organization.id, url)
  await tell(service.db, service.organization.id)
  t.match(await untilDelivery(service, id, wasTried(1)), { failure: 'tls', answer_status: null })
})
