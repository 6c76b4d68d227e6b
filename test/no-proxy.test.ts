// Which way leads to LiveKit's API, for each URL of it and each setting of proxies.
import t from 'tap'
import { type Proxies, routeTo } from '../src/plugins/livekit/route.ts'

const http = { HTTP_PROXY: 'http://plain:3128' }
const both = { ...http, HTTPS_PROXY: 'http://secure:3128' }
const way = (url: string, proxies: Proxies | undefined) => {
  const { origin, prefix, connect } = routeTo(new URL(url), proxies, 4000)
  if (typeof connect === 'function') return `tunnel to ${origin}, then ${prefix}`
  return `${origin}, then ${prefix}`
}

t.test('where no variable names a proxy, or none may be used, the way is straight', async (t) => {
  for (const proxies of [undefined, {}, { NO_PROXY: '*' }, { HTTPS_PROXY: 'http://secure:3128' }])
    t.equal(way('http://livekit.example:7880/a/b//', proxies), 'http://livekit.example:7880, then /a/b')
})

t.test('http:// has HTTP_PROXY; https:// has HTTPS_PROXY, or else HTTP_PROXY', async (t) => {
  t.equal(way('http://livekit.example/a', both), 'http://plain:3128, then http://livekit.example/a')
  t.equal(way('https://livekit.example/a', both), 'tunnel to https://livekit.example, then /a')
  t.equal(way('https://livekit.example', http), 'tunnel to https://livekit.example, then ')
})

/** A host, and entries of NO_PROXY that name it. */
const exempt: Record<string, string[]> = {
  'http://livekit.example:7880': [
    'livekit.example',
    'LIVEKIT.example:7880',
    '.example',
    '*.example',
    'example',
    '*',
    'a,, example',
  ],
  'http://livekit.example': ['livekit.example:80', 'a example\tb'],
  'https://livekit.example': ['livekit.example:443'],
  'http://10.0.0.7:7880': ['10.0.0.7', '10.0.0.7:7880'],
  'http://[fd00::7]:7880': ['fd00::7', '[fd00::7]', '[FD00::7]:7880'],
}
const subject: Record<string, string[]> = {
  'http://livekit.example:7880': [
    '',
    ',',
    'livekit.example:80',
    'kit.example',
    'livekit.example.org',
    'livekit',
    '.',
    'xample',
  ],
  'https://livekit.example': ['livekit.example:80'],
  'http://10.0.0.7:7880': ['10.0.0.70', '10.0.0.7:7881'],
  'http://[fd00::7]:7880': ['fd00::8', '[fd00::7]:80', '7880'],
}

for (const [rows, isExempt] of [
  [exempt, true],
  [subject, false],
] as const)
  for (const [url, lists] of Object.entries(rows))
    t.test(`${url} ${isExempt ? 'needs no' : 'needs the'} proxy`, async (t) => {
      for (const NO_PROXY of lists) {
        const { connect } = routeTo(new URL(url), { ...both, NO_PROXY }, 4000)
        const isStraight = way(url, { ...both, NO_PROXY }) === way(url, undefined) && typeof connect !== 'function'
        t.equal(isStraight, isExempt, NO_PROXY)
      }
    })
