// No way in: whatever an endpoint's URL says, nothing inside is connected to.
import dns from 'node:dns/promises'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import t from 'tap'
import { destinationOf } from '../src/plugins/deliveries/pinned.ts'
import { build } from './helper.ts'
import { startNameServer } from './name-server.ts'
import { addEndpoint, tell, untilDelivery, wasTried } from './receiver.ts'

/** Hosts that are refused before anything is resolved, though the scheme is https. */
const written = [
  ...[
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '017700000001',
    '127.0.0.1.',
  ],
  ...[
    '0.0.0.0',
    '0',
    '10.0.0.1',
    '100.64.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '192.168.0.1',
    '192.0.0.1',
    '198.18.0.1',
  ],
  ...[
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '１２７.0.0.1',
    '[::]',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:a9fe:a9fe]',
  ],
  ...['[64:ff9b::7f00:1]', '[2002:7f00:1::]', '[fe80::1]', '[fc00::1]', '[fd00:ec2::254]', '[ff02::1]'],
  ...['user:word@127.0.0.1', 'app.example@127.0.0.1', '127.0.0.1#.app.example', '127.0.0.1%23.app.example'],
]
/** What the name servers say of a name; each is asked anew. */
const names: Record<string, string[][]> = {
  'inside.test': [['127.0.0.1']],
  'metadata.test': [['169.254.169.254']],
  'mixed.test': [['93.184.215.14', '127.0.0.1']],
  'mapped.test': [['::ffff:127.0.0.1']],
  'v6.test': [['::1']],
  'printer.local': [['192.168.0.7']],
  single: [['10.0.0.1']],
}

t.test('none of these is connected to', async (t) => {
  await startNameServer(t, names)
  let connections = 0
  const trap = createServer((socket) => {
    connections++
    socket.destroy()
  })
  await once(trap.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => trap.close())
  const { port } = trap.address() as AddressInfo
  const { db, organization } = await build(t)
  const https = (host: string) => `https://${host}:${port}/`.replace(/(#.*):(\d+)\/$/, ':$2/$1')
  const expected: Record<string, RegExp> = {
    ...Object.fromEntries([...written, ...Object.keys(names)].map((host) => [https(host), /^address$/])),
    [https('nobody.test')]: /^dns$/,
    // The system would know it.
    [https('localhost')]: /^(address|dns)$/,
    // A public address, but anybody on the way could read it.
    [`http://93.184.215.14:${port}/`]: /^address$/,
  }
  const ids: Record<string, string> = {}
  for (const url of Object.keys(expected)) ids[url] = (await addEndpoint(db, organization.id, url)).id
  await tell(db, organization.id)
  for (const [url, id] of Object.entries(ids)) {
    const { failure } = await untilDelivery({ db }, id, wasTried(1))
    t.match(failure, expected[url], url)
  }
  t.equal(connections, 0)
})

t.test('a name is resolved once, and the connection goes where it led then', async (t) => {
  const asked = await startNameServer(t, {
    'rebinding.test': [['93.184.215.14'], ['127.0.0.1']],
    'six.test': [['2606:4700::1111']],
    'half.test': [['93.184.215.14', 'silent']],
  })
  const { lookup, url } = await destinationOf('https://rebinding.test/', [])
  t.equal(url.hostname, 'rebinding.test', 'the certificate must be for the name')
  t.same(await dns.resolve4('rebinding.test'), ['127.0.0.1'], 'it leads inside now')
  const found = await new Promise((resolve) => lookup?.('rebinding.test', { all: true }, (_, all) => resolve(all)))
  t.same(found, [{ address: '93.184.215.14', family: 4 }])
  t.equal(asked.filter((question) => question === 'A rebinding.test').length, 2, 'once by the delivery')
  const { lookup: six } = await destinationOf('https://six.test/', [])
  t.same(await new Promise((resolve) => six?.('six.test', { all: true }, (_, all) => resolve(all))), [
    { address: '2606:4700::1111', family: 6 },
  ])
  const startedAt = performance.now()
  t.ok((await destinationOf('https://half.test/', [])).lookup)
  t.ok(performance.now() - startedAt < 10_000, 'a family that the name server says nothing of is not waited for')
  t.equal((await destinationOf('https://1.1.1.1/', [])).lookup, undefined, 'an address needs no name server')
})
