// A service that closes waits for no receiver: what is on its way has a second, and is handed back.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { sql } from 'kysely'
import t from 'tap'
import { environment } from './helper.ts'
import { startServer } from './processes.ts'
import { addEndpoint, buildWithEndpoint, deliveriesOf, hang, insecure, tell, until } from './receiver.ts'

/** A busy machine takes much longer than the second; a receiver that hangs takes 20 s. */
const promptSeconds = 10

t.test('receivers that hang do not hold the process up, and what they were sent is handed back', async (t) => {
  const { service, receiver, endpoint } = await buildWithEndpoint(t, hang)
  await service.app.close()
  const server = await startServer(t, await environment({ ...insecure, LOG_LEVEL: 'info' }))
  await tell(service.db, service.organization.id, 7)
  await until(async () => receiver.received.length === 5)
  const startedAt = performance.now()
  server.child.kill('SIGTERM')
  t.match(await server.finished, { code: 0, stderr: '' })
  const seconds = (performance.now() - startedAt) / 1000
  t.ok(seconds < promptSeconds, `${seconds} s`)
  const all = await deliveriesOf(service, endpoint.id)
  t.equal(all.filter(({ attempt }) => attempt === 1).length, 5)
  for (const { tries, wake_at, failure } of all) {
    t.ok(Number(wake_at) <= Date.now(), 'it can be claimed at once')
    t.match({ tries, failure }, { tries: 0, failure: null })
  }
})

t.test('nor does a receiver that accepts the connection and says nothing of TLS', async (t) => {
  const { service, endpoint } = await buildWithEndpoint(t)
  await sql`DELETE FROM webhook_endpoints WHERE id = ${endpoint.id}`.execute(service.db)
  const sockets: Socket[] = []
  const silent = createServer((socket) => sockets.push(socket.on('error', () => undefined)))
  await once(silent.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    silent.close()
    for (const socket of sockets) socket.destroy()
  })
  const url = `https://localhost:${(silent.address() as AddressInfo).port}/`
  const { id } = await addEndpoint(service.db, service.organization.id, url)
  await tell(service.db, service.organization.id)
  await until(async () => sockets.length === 1)
  const startedAt = performance.now()
  await service.app.close()
  const seconds = (performance.now() - startedAt) / 1000
  t.ok(seconds < promptSeconds, `${seconds} s`)
  t.match(await deliveriesOf(service, id), [{ attempt: 1, tries: 0, failure: null }])
})

t.test('an attempt that ends within the second is recorded', async (t) => {
  const { service, receiver, endpoint } = await buildWithEndpoint(t, hang)
  receiver.answer = (response) => void setTimeout(() => response.writeHead(204).end(), 300)
  await tell(service.db, service.organization.id)
  await until(async () => receiver.received.length === 1)
  await service.app.close()
  t.match(await deliveriesOf(service, endpoint.id), [{ tries: 1, answer_status: 204, wake_at: null }])
})

t.test('one that claims while it is told to close sends nothing more', async (t) => {
  const { service, receiver, endpoint } = await buildWithEndpoint(t)
  await Promise.all([tell(service.db, service.organization.id, 50), service.app.close()])
  const all = await deliveriesOf(service, endpoint.id)
  t.equal(all.filter(({ delivered_at }) => delivered_at).length, receiver.received.length)
  for (const { wake_at, delivered_at } of all) t.ok(delivered_at || Number(wake_at) <= Date.now())
})
