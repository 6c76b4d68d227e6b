// HOST may have several addresses, as localhost has two: each is answered alike.
import { once } from 'node:events'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { environment, until } from './helper.ts'
import { serverArguments, spawnNode, startServer } from './processes.ts'
import { head } from './wire.ts'

/** All that the service answers to these bytes on an address until it closes the connection. */
async function exchange(t: Test, host: string, port: number, bytes: string): Promise<string> {
  const socket = connect({ host, port, allowHalfOpen: true }).setEncoding('latin1')
  t.teardown(() => socket.destroy())
  socket.write(bytes)
  let text = ''
  for await (const part of socket) text += part
  return text.replace(/(?<=x-request-id: )[0-9a-f-]+/, 'ID').replace(/(?<=^date: ).*$/im, 'NOW')
}

const close = { Connection: 'close' }
const sent = {
  'a request': [head('GET', '/livez', close), 200],
  'an unknown Expect': [head('GET', '/livez', { ...close, Expect: 'the-unexpected' }), 200],
  'no HTTP': ['hello\r\n\r\n', 400],
  'headers that are too large': [head('GET', '/livez', { 'X-Large': 'a'.repeat(17_000) }), 431],
  'a request for a tunnel': ['CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n', 404],
  'a path that is not there': [head('GET', '/nowhere', close), 404],
  'half a head': ['GET /livez HTTP/1.1\r\nX-Slow: ', 408],
} as const

/** Machines differ in what they call localhost; here it is what it is on most. */
const addressesOf = (...addresses: string[]) => {
  const found = JSON.stringify(addresses.map((address) => ({ address })))
  const text = `import dns from"node:dns/promises";import{syncBuiltinESMExports}from"node:module";dns.lookup=async()=>${found};syncBuiltinESMExports()`
  return ['--import', `data:text/javascript,${text}`, ...serverArguments]
}

t.test('localhost: both of its addresses give the same answers', async (t) => {
  const variables = await environment({ LOG_LEVEL: 'info', HOST: 'localhost' })
  const server = await startServer(t, variables, addressesOf('127.0.0.1', '::1', '127.0.0.1'))
  await until(async () => server.stdout().match(/Server listening at/g)?.length === 2)
  await Promise.all(
    Object.entries(sent).map(async ([title, [bytes, status]]) => {
      const [first, second] = await Promise.all(
        ['127.0.0.1', '::1'].map((host) => exchange(t, host, server.port, bytes)),
      )
      t.equal(second, first, title)
      t.match(first, new RegExp(`^HTTP/1.1 ${status} `), title)
    }),
  )
  const half = connect(server.port, '::1')
  t.teardown(() => half.destroy())
  await once(half, 'connect')
  half.write('GET /livez HTTP/1.1\r\n')
  server.child.kill('SIGTERM')
  t.match(await server.finished, { code: 0, stderr: '' })
})

t.test(
  'an address of a family that the machine lacks is left out; one that is taken keeps the service from starting',
  async (t) => {
    const variables = await environment({ LOG_LEVEL: 'info', HOST: 'localhost' })
    const server = await startServer(t, variables, addressesOf('192.0.2.1', '127.0.0.1', '2001:db8::1'))
    t.equal((await fetch(`${server.url}/livez`)).status, 200)

    const taken = { ...variables, PORT: String(server.port) }
    const { code, stderr } = await spawnNode(t, addressesOf('::1', '127.0.0.1'), taken).finished
    t.equal(code, 1)
    t.match(stderr, /^Cannot start: HOST and PORT cannot be listened on: listen EADDRINUSE.*127\.0\.0\.1/)
  },
)

t.test('a HOST that has no address keeps the service from starting', async (t) => {
  const variables = await environment({ PORT: '0', HOST: 'nowhere.invalid' })
  const { code, stderr } = await spawnNode(t, serverArguments, variables).finished
  t.equal(code, 1)
  t.match(stderr, /^Cannot start: HOST and PORT cannot be listened on: getaddrinfo E/)
})
