// Receivers that answer without end, or slowly, keep neither a replica nor other receivers busy.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import {
  addEndpoint,
  buildWithEndpoint,
  deliveriesOf,
  endpointOf,
  isDelivered,
  status,
  tell,
  until,
  untilDelivery,
  wasTried,
} from './receiver.ts'

/** A receiver that says the same again and again, as fast as it is read; how many bytes it got rid of. */
async function startFlood(t: Test, head: string, again: string) {
  const sockets = new Set<Socket>()
  const flood = { port: 0, bytes: 0 }
  const part = again.repeat(Math.ceil(16_384 / again.length))
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    const write = () => {
      while (!socket.destroyed && socket.write(part)) flood.bytes += part.length
    }
    socket.on('drain', write)
    socket.once('data', () => {
      socket.write(head)
      write()
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  flood.port = (server.address() as AddressInfo).port
  return flood
}

const floods: Record<string, [string, string, { failure: string | null; answer_status: number | null }]> = {
  'hints without end': [
    '',
    'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n',
    { failure: 'connection', answer_status: null },
  ],
  'a reason without end': ['HTTP/1.1 200 ', 'canary', { failure: 'connection', answer_status: null }],
  'one header without end': ['HTTP/1.1 200 OK\r\nx: ', 'canary', { failure: 'connection', answer_status: null }],
  'headers without end': ['HTTP/1.1 200 OK\r\n', 'x: y\r\n', { failure: 'connection', answer_status: null }],
  'the size of a chunk without end': [
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;',
    'canary',
    { failure: null, answer_status: 200 },
  ],
  'a body without end': ['HTTP/1.1 200 OK\r\n\r\n', 'canary', { failure: null, answer_status: 200 }],
}

for (const [what, [head, again, expected]] of Object.entries(floods))
  t.test(`${what}: it is hung up on`, async (t) => {
    const { service, endpoint } = await buildWithEndpoint(t)
    await sql`DELETE FROM webhook_endpoints WHERE id = ${endpoint.id}`.execute(service.db)
    const flood = await startFlood(t, head, again)
    const { id } = await addEndpoint(service.db, service.organization.id, `http://127.0.0.1:${flood.port}/`)
    await tell(service.db, service.organization.id)
    const { tried_at, created_at, ...row } = await untilDelivery(service, id, wasTried(1))
    t.match(row, expected)
    t.ok(Number(tried_at) - Number(created_at) < 15_000, 'long before the 20 s of an attempt')
  })

t.test('an answer whose body trickles frees its place', async (t) => {
  const { service, endpoint } = await buildWithEndpoint(t, (response) => {
    response.writeHead(200)
    const timer = setInterval(() => response.write('.'), 200)
    response.on('close', () => clearInterval(timer))
  })
  await tell(service.db, service.organization.id, 20)
  const rows = await until(async () => {
    const all = await deliveriesOf(service, endpoint.id)
    return all.every(isDelivered) && all
  })
  const times = rows.map(({ tried_at }) => Number(tried_at))
  t.ok(Math.max(...times) - Math.min(...times) < 20_000, 'twenty of them in less time than one attempt has')
})

t.test('429, 502 and 504: nothing is sent there for 30 s; after 500 the next event is sent at once', async (t) => {
  for (const code of [429, 502, 504, 500]) {
    const { service, receiver, endpoint } = await buildWithEndpoint(t, status(code))
    await tell(service.db, service.organization.id)
    const { tried_at } = await untilDelivery(service, endpoint.id, wasTried(1))
    const { paused_until } = await endpointOf(service, endpoint.id)
    t.equal(paused_until && Number(paused_until) - Number(tried_at), code === 500 ? null : 30_000, String(code))
    await sql`DELETE FROM webhook_endpoints WHERE id = ${endpoint.id}`.execute(service.db)
    t.equal(receiver.received.length, 1)
  }
})
