// Connections to LiveKit are kept, and may be closed by the other side at any moment: no call fails because of that.
import t from 'tap'
import { createTransport } from '../src/plugins/livekit/transport.ts'
import { type Age, startAgingProxy } from './aging-proxy.ts'
import { build, parts, rooms, until } from './helper.ts'
import { startStandIn } from './stand-in.ts'

const atOnce = 6
const ages: Age[] = ['reset at the next call', 'FIN at the next call', 'half an answer', 'reset at once', 'FIN at once']

/** A service with several connections to LiveKit, all of them idle and old. */
async function withOld(t: Parameters<typeof build>[0], age: Age) {
  const proxy = await startAgingProxy(t, parts.livekitUrl)
  const service = await build(t, { LIVEKIT_API_URL: proxy.url }, {}, { avoidsOverload: true })
  const creates = await Promise.all(Array.from({ length: atOnce }, () => service.create()))
  const names = creates.map(({ json }): string => json.room_name)
  t.notOk(names.includes(undefined as never))
  await Promise.all(names.map((name) => service.app.livekit.listRooms([name])))
  t.ok(proxy.age(age) > 1, 'several connections were kept')
  return { service, names }
}

// The first: services started later would look, all at once, at what the tests before have left.
t.test('connections are kept while the service runs, and closed with it', async (t) => {
  const proxy = await startAgingProxy(t, parts.livekitUrl)
  const service = await build(t, { LIVEKIT_API_URL: proxy.url }, {}, { avoidsOverload: true })
  const calls = 20
  for (let i = 0; i < calls; i++) t.equal((await service.create()).status, 200)
  t.ok(proxy.open() < calls / 2, `one for what is done in turn, and few for looks and the sweep: ${proxy.open()}`)
  await service.app.close()
  await until(async () => proxy.open() === 0)
})

t.test('creates are served whose connections the other side has given up', async (t) => {
  for (const age of ages)
    await t.test(age, async (t) => {
      const { service } = await withOld(t, age)
      const creates = await Promise.all(Array.from({ length: atOnce }, () => service.create()))
      t.strictSame(new Set(creates.map(({ status }) => status)), new Set([200]))
    })
})

t.test('so are looks, lists and deletions', async (t) => {
  for (const age of ages)
    await t.test(age, async (t) => {
      const { service, names } = await withOld(t, age)
      const { livekit } = service.app
      const [first = '', ...others] = names
      const [participants, named] = await Promise.all([
        livekit.listParticipants(first),
        livekit.listRooms(names),
        ...others.map((name) => livekit.deleteRoom(name)),
      ])
      t.strictSame(participants, [])
      t.ok(named.includes(first))
      t.strictSame(
        (await rooms.listRooms(names)).map(({ name }) => name),
        [first],
      )
    })
})

t.test('a call ends in time, whatever part of the answer is missing', async (t) => {
  const standIn = await startStandIn(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 })
    response.write('{"participants":')
    setInterval(() => response.write(' '), 500).unref()
  })
  const service = await build(t, { LIVEKIT_API_URL: standIn.url })
  const startedAt = performance.now()
  await t.rejects(service.app.livekit.listParticipants('a'), { statusCode: 503, cause: { message: /took too long/ } })
  const seconds = (performance.now() - startedAt) / 1000
  t.ok(seconds > 3.9 && seconds < 6, `${seconds} s`)
})

t.test('a call whose time is over while it waits for a connection is not sent', async (t) => {
  let calls = 0
  const standIn = await startStandIn(t, () => calls++)
  const transport = createTransport({ url: standIn.url, connectMilliseconds: 4000, proxies: undefined })
  const call = (milliseconds: number) => transport.rpc('kept', milliseconds).request('RoomService', 'ListRooms', {}, {})
  const slow = Array.from({ length: 200 }, () => call(1000))
  const waiting = Array.from({ length: 20 }, () => call(200))
  for (const { status } of await Promise.allSettled([...slow, ...waiting])) t.equal(status, 'rejected')
  await transport.close()
  t.equal(calls, 200)
})

t.test('no create waits for a connection behind looks that hang', async (t) => {
  const standIn = await startStandIn(t, ({ url }, response) => {
    if (url?.endsWith('CreateRoom')) response.end('{}')
  })
  const transport = createTransport({ url: standIn.url, connectMilliseconds: 4000, proxies: undefined })
  const call = (method: string, milliseconds: number) =>
    transport.rpc('kept', milliseconds).request('RoomService', method, {}, {})
  const looks = Promise.allSettled(Array.from({ length: 300 }, () => call('ListParticipants', 4000)))
  t.strictSame(await call('CreateRoom', 2000), {})
  for (const { status } of await looks) t.equal(status, 'rejected')
  await transport.close()
})
