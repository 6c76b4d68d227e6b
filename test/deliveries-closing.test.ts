// A service that closes waits for no receiver: what is on its way has a second, and is handed back.
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { sql } from 'kysely'
import t from 'tap'
import { buildBehindProxies, environment } from './helper.ts'
import { startServer } from './processes.ts'
import {
  addEndpoint,
  buildWithEndpoint,
  deliveriesOf,
  hang,
  insecure,
  isDelivered,
  startReceiver,
  status,
  tell,
  until,
} from './receiver.ts'

/** A busy machine takes much longer than the second; a receiver that hangs takes 20 s. */
const promptSeconds = 10
/** Attempts at once that a replica makes for an endpoint. */
const places = 45

t.test('receivers that hang do not hold the process up, and what they were sent is handed back', async (t) => {
  const { service, receiver, endpoint } = await buildWithEndpoint(t, hang)
  await service.app.close()
  const server = await startServer(t, await environment({ ...insecure, LOG_LEVEL: 'info' }))
  await tell(service.db, service.organization.id, 7)
  await until(async () => receiver.received.length === 7)
  const startedAt = performance.now()
  server.child.kill('SIGTERM')
  t.match(await server.finished, { code: 0, stderr: '' })
  const seconds = (performance.now() - startedAt) / 1000
  t.ok(seconds < promptSeconds, `${seconds} s`)
  const all = await deliveriesOf(service, endpoint.id)
  t.equal(all.filter(({ attempt }) => attempt === 1).length, 7)
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

t.test('one that closes begins nothing more', async (t) => {
  const { service, receiver, endpoint } = await buildWithEndpoint(t)
  const held: ServerResponse[] = []
  receiver.answer = (response) => void held.push(response)
  await tell(service.db, service.organization.id, 100)
  await until(async () => held.length === places)
  const closed = service.app.close()
  receiver.answer = status(204)
  for (const response of held) response.writeHead(204).end()
  await closed
  const all = await deliveriesOf(service, endpoint.id)
  t.equal(all.filter(isDelivered).length, places, 'what was on its way has arrived')
  t.equal(receiver.received.length, places)
})

t.test('one that is told to close while it claims sends nothing of that, and hands it back', async (t) => {
  const receiver = await startReceiver(t)
  const service = await buildBehindProxies(t, insecure)
  const endpoint = await addEndpoint(service.db, service.organization.id, receiver.url)
  const wereClaimed = async () => (await deliveriesOf(service, endpoint.id)).some(({ attempt }) => attempt > 0)
  let closed: Promise<unknown> | undefined
  const close = async () => {
    if (closed || !(await wereClaimed())) return
    closed = service.app.close()
    await until(async () => !service.app.server.listening)
  }
  service.database.when('claimDeliveries', { after: close }, Number.POSITIVE_INFINITY)
  await tell(service.db, service.organization.id, 100)
  await until(async () => closed !== undefined)
  await closed
  const all = await deliveriesOf(service, endpoint.id)
  t.ok(
    all.some(({ attempt }) => attempt === 1),
    'some were claimed',
  )
  for (const { wake_at, tries } of all) t.ok(Number(wake_at) <= Date.now() && tries === 0)
  t.equal(receiver.received.length, 0)
})
