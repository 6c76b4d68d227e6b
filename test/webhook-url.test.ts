// What the URL of a webhook may be, before anything is resolved.
import t from 'tap'
import { isPublicAddress } from '../src/public-address.ts'
import { webhookUrl } from '../src/webhook-url.ts'

t.test('https and a public host, at any port', async (t) => {
  for (const text of [
    'https://app.example/webhooks?token=a',
    'https://app.example:8443',
    'HTTPS://App.Example/',
    'https://93.184.215.14/',
    'https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/',
    'https://bücher.example/',
    'https://local.example/',
    'https://mylocal.localhost.example/',
  ])
    t.equal(webhookUrl(text, []).href, new URL(text).href, text)
})

const refusedUrls: Record<string, RegExp> = {
  '': /must be a URL/,
  'app.example': /must be a URL/,
  'https://': /must be a URL/,
  'https://app.example/\nx': /must be a URL/,
  'https://app.exa mple/': /must be a URL/,
  'https://app.example/\u200b': /must be a URL/,
  [`https://app.example/${'a'.repeat(2000)}`]: /at most 2000 characters/,
  [`https://app.example/${'é'.repeat(1900)}`]: /at most 2000 characters, as it is sent/,
  'https://168.63.129.16/': /public/,
  'https://name:word@app.example/': /no name, password or #/,
  'https://name@app.example/': /no name, password or #/,
  'https://app.example/#': /no name, password or #/,
  'http://app.example/': /begin with https:.., or with http:.. for a host that WEBHOOK_INSECURE_HOSTS names/,
  'ftp://app.example/': /begin with https/,
  'file:///etc/passwd': /begin with https/,
  'htps://app.example/': /begin with https/,
  'localhost:9099/hook': /begin with https/,
  'https://2130706433/': /public/,
  'https://0x7f.1/': /public/,
  'https://0177.0.0.1/': /public/,
  'https://[::1]/': /public/,
  'https://[::ffff:10.0.0.1]/': /public/,
  'https://169.254.169.254/latest/meta-data': /public/,
  'https://localhost/': /host must be a public one/,
  'https://LOCALHOST.:3001/': /host must be a public one/,
  'https://a.localhost/': /host must be a public one/,
  'https://printer.local/': /host must be a public one/,
  'https://db.internal./': /host must be a public one/,
  'https://nas.home.arpa/': /host must be a public one/,
  'https://receiver/': /host must be a public one/,
}

for (const [text, message] of Object.entries(refusedUrls))
  t.test(`refused: ${text.slice(0, 60)}`, async (t) => {
    t.throws(() => webhookUrl(text, []), { message })
  })

t.test('a host that the operator names may have http, and any address; no other host may', async (t) => {
  const hosts = ['127.0.0.1', '::1', 'Receiver.internal', 'receiver']
  for (const text of [
    'http://127.0.0.1:3999/',
    'http://[::1]/',
    'https://127.0.0.1/',
    'http://receiver.internal/',
    'https://receiver/',
  ])
    t.equal(webhookUrl(text, hosts).href, text)
  for (const text of [
    'http://127.0.0.2/',
    'http://receiver.internal./',
    'http://a.receiver.internal/',
    'ftp://127.0.0.1/',
    'http://127.0.0.1@app.example/',
  ])
    t.throws(() => webhookUrl(text, hosts), text)
  t.throws(() => webhookUrl('http://app.example/', ['a:b']), 'an entry that is no host names none')
})

const publicAddresses = ['1.1.1.1', '93.184.215.14', '2606:4700::1111', '::ffff:1.1.1.1', '64:ff9b::101:101']
const otherAddresses = [
  ...['0.0.0.0', '0.1.2.3', '10.0.0.1', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254'],
  ...['172.16.0.1', '172.31.255.255', '192.168.1.1', '192.0.0.1', '192.0.2.1', '198.18.0.1', '198.51.100.1'],
  ...['203.0.113.1', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', '192.88.99.1'],
  ...['::', '::1', '::ffff:127.0.0.1', '::ffff:a9fe:a9fe', '::127.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::1'],
  ...['100::1', '2001::1', '2001:db8::1', '2002:7f00:1::', '2002:101:101::', '3fff::1', '4000::1', '5f00::1'],
  ...['fc00::1', 'fd00:ec2::254', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', 'app.example', ''],
]

t.test('public is plain unicast, v4 or v6, also where it is mapped or translated; all else is not', async (t) => {
  for (const address of publicAddresses) t.ok(isPublicAddress(address), address)
  for (const address of otherAddresses) t.notOk(isPublicAddress(address), address)
})
