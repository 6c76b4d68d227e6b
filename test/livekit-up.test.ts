// A wrong LIVEKIT_API_SECRET or LIVEKIT_URL does not keep the service from starting, because LiveKit may start later. It is
// said, in the log and as livekit_up, as soon as the service is ready, and so is every change.
import t, { type Test } from 'tap'
import { freeTcpPort } from '../demo/ports.ts'
import { build, environment, parts, through, until } from './helper.ts'
import { startServer } from './processes.ts'
import { startStandIn } from './stand-in.ts'

const wrongKey = /LiveKit does not take the key: LIVEKIT_API_KEY and LIVEKIT_API_SECRET/
const noAnswer = /LiveKit does not answer: .*LIVEKIT_API_URL, or LIVEKIT_URL/

async function start(t: Test, changes: Record<string, string>) {
  const port = await freeTcpPort()
  const server = await startServer(t, await environment({ METRICS_PORT: String(port), LOG_LEVEL: 'info', ...changes }))
  const scrape = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const warnings = () =>
    server
      .stdout()
      .trimEnd()
      .split('\n')
      .map((line): { level: number; msg: string; err?: object } => JSON.parse(line))
      .filter(({ msg }) => wrongKey.test(msg) || noAnswer.test(msg) || msg === 'LiveKit answers')
  const isUp = async (wanted: 0 | 1) =>
    until(async () => new RegExp(`^livekit_up ${wanted}$`, 'm').test(await scrape()), 60_000)
  return { ...server, warnings, isUp }
}

const wrong: Record<string, [changes: () => Promise<Record<string, string>> | Record<string, string>, says: RegExp]> = {
  'another secret': [() => ({ LIVEKIT_API_SECRET: 'x'.repeat(36) }), wrongKey],
  'a key that LiveKit does not know': [() => ({ LIVEKIT_API_KEY: 'nobody' }), wrongKey],
  'a host without a LiveKit': [async () => ({ LIVEKIT_URL: `ws://127.0.0.1:${await freeTcpPort()}` }), noAnswer],
  'a host that does not exist': [() => ({ LIVEKIT_URL: 'wss://livekit.invalid' }), noAnswer],
  'somebody else’s page': [
    async () => ({ LIVEKIT_URL: (await startStandIn(t, (_, answer) => answer.end('<p>welcome'))).url }),
    noAnswer,
  ],
  'a path that LiveKit does not have': [() => ({ LIVEKIT_URL: `${parts.livekitUrl}/elsewhere` }), noAnswer],
  'another API of the same kind': [
    async () => ({
      LIVEKIT_URL: (await startStandIn(t, (_, answer) => answer.writeHead(404).end('{"code":"bad_route"}'))).url,
    }),
    noAnswer,
  ],
  'an API whose errors have a code that says nothing': [
    async () => ({
      LIVEKIT_URL: (await startStandIn(t, (_, answer) => answer.writeHead(500).end('{"code":null}'))).url,
    }),
    noAnswer,
  ],
  'a load balancer without a LiveKit': [
    async () => ({ LIVEKIT_URL: (await startStandIn(t, (_, answer) => answer.writeHead(503).end())).url }),
    noAnswer,
  ],
}

t.test('what is wrong is said once, and the service is ready', async (t) => {
  t.jobs = 3
  for (const [what, [changes, says]] of Object.entries(wrong))
    t.test(what, { buffered: true }, async (t) => {
      const { url, warnings, isUp, child, finished } = await start(t, await changes())
      await until(async () => warnings().length > 0)
      t.equal((await fetch(`${url}/readyz`)).status, 200)
      await isUp(0)
      t.match(warnings(), [{ level: 40, msg: says, err: { message: /./ } }])
      child.kill('SIGTERM')
      t.match(await finished, { code: 0, stderr: '' })
      t.equal(warnings().length, 1)
    })
})

t.test('where all is right nothing is said, and LiveKit is up', async (t) => {
  const { isUp, warnings } = await start(t, {})
  await isUp(1)
  t.strictSame(warnings(), [])
})

t.test('LiveKit that goes and comes is seen, and each is said once', async (t) => {
  const { proxy, url } = await through(t, parts.livekitUrl)
  await proxy.set('refuse')
  const { isUp, warnings } = await start(t, { LIVEKIT_API_URL: url })
  await until(async () => warnings().length > 0)
  await isUp(0)
  await proxy.set('pass')
  await isUp(1)
  t.match(warnings(), [{ msg: noAnswer }, { level: 30, msg: 'LiveKit answers' }])
})

t.test('every call tells, but none that LiveKit refuses for its own reasons', async (t) => {
  const { proxy, url } = await through(t, parts.livekitUrl)
  const service = await build(t, { LIVEKIT_API_URL: url }, {}, { avoidsOverload: true })
  const { livekit, metrics } = service.app
  const value = async () => (await metrics.livekitUp.get()).values[0]?.value
  const answer = (status: string, body = '') =>
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  const after = async (method: 'ListRooms' | 'ListParticipants' | 'CreateRoom', given: string) => {
    // A CreateRoom is repeated.
    proxy.when(method, { answer: given }, method === 'CreateRoom' ? 2 : 1)
    if (method === 'CreateRoom') await service.create()
    else await (method === 'ListRooms' ? livekit.listRooms(['a']) : livekit.listParticipants('a')).catch(() => {})
    return value()
  }
  await until(async () => (await value()) === 1)
  t.equal(await after('ListRooms', answer('429 No')), 1, 'too many requests')
  t.equal(await after('ListParticipants', answer('503 No', '{"code":"unavailable"}')), 1, 'a node that is dead')
  t.equal(await after('ListParticipants', answer('503 No')), 1, 'a room that does not answer')
  t.equal(await after('CreateRoom', answer('500 No', '{"code":"internal"}')), 1, 'a fault of LiveKit’s own')
  t.equal(await after('ListParticipants', answer('401 No')), 0, 'a key that is not taken any more')
  await livekit.listRooms(['a'])
  t.equal(await value(), 1)
  t.equal(await after('CreateRoom', answer('502 No')), 0, 'a proxy that finds no LiveKit')
})
