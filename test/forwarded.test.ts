// X-Forwarded-For as proxies write it: bad keys are counted by the address, however it is written, and trust in a proxy is
// trust in its address.
import t from 'tap'
import { generateApiKey } from '../src/api-key.ts'
import { build, type Service } from './helper.ts'

const limit = 20

/** The status of a request with a bad key that came this way. */
async function bad({ create }: Service, forwardedFor: string): Promise<number> {
  return (await create(undefined, { 'x-forwarded-for': forwardedFor }, generateApiKey())).status
}

/** So many bad keys came from one address that the next is refused with 429. */
async function exhaust(service: Service, write: (n: number) => string): Promise<number[]> {
  const statuses: number[] = []
  for (let n = 0; n < limit; n++) statuses.push(await bad(service, write(n)))
  return statuses.filter((status) => status !== 401)
}

const spellings: Record<string, [one: (n: number) => string, others: string[], neighbour: string]> = {
  'a port, which is another for each connection': [
    (n) => `203.0.113.7:${51234 + n}`,
    ['203.0.113.7', '  203.0.113.7:80 ', '::ffff:203.0.113.7', '[::ffff:203.0.113.7]:443', '203.0.113.7,'],
    '203.0.113.8:51234',
  ],
  'brackets, a port and a zone': [
    (n) => `[2001:db8::1]:${n}`,
    ['2001:db8::1', '[2001:DB8:0:0::1]', '[2001:db8::1%eth0]:443', '2001:db8::1%eth0'],
    '[2001:db9::1]:443',
  ],
  'what is no address, before it': [
    (n) => `canary-${n}, 203.0.113.7:${n}`,
    ['unknown, 203.0.113.7', '198.51.100.1, _hidden,203.0.113.7', '203.0.113.999, 203.0.113.7'],
    '203.0.113.7, 203.0.113.8',
  ],
  'nothing but what is no address, so that the proxy itself counts': [
    (n) => `canary-${n}`,
    ['unknown', '203.0.113.999', '[::1', ' ', ',', '127.0.0.1'],
    '203.0.113.8',
  ],
}

for (const [title, [one, others, neighbour]] of Object.entries(spellings)) {
  t.test(`429: an address is one with ${title}`, async (t) => {
    const service = await build(t, { TRUST_PROXY: '127.0.0.1' })
    t.strictSame(await exhaust(service, one), [], 'the first twenty')
    for (const forwardedFor of others) t.equal(await bad(service, forwardedFor), 429, forwardedFor)
    t.equal(await bad(service, neighbour), 401, 'another address is another caller')
  })
}

t.test('429: a trusted proxy is known with a port, too, and the one before it is believed', async (t) => {
  const service = await build(t, { TRUST_PROXY: '127.0.0.1, 10.0.0.0/8, fd00::/8' })
  const through = ['10.0.0.5:4711', '[fd00::1]:4711', '::ffff:10.1.2.3', '10.0.0.5:4711, [fd00::2]']
  t.strictSame(await exhaust(service, (n) => `203.0.113.7:${n}, ${through[n % through.length]}`), [])
  t.equal(await bad(service, '203.0.113.7'), 429)
  t.equal(await bad(service, '203.0.113.8, 10.0.0.5:4711'), 401)
  t.equal(await bad(service, '203.0.113.7, 192.0.2.1:4711'), 401, 'nobody trusts this one')
})

t.test('429: where everybody is believed, the first address counts', async (t) => {
  const service = await build(t, { TRUST_PROXY: 'true' })
  t.strictSame(await exhaust(service, (n) => `203.0.113.7:${n}, 192.0.2.${n}`), [])
  t.equal(await bad(service, '203.0.113.7'), 429)
})
