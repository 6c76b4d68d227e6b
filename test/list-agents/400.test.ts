// listAgents, 400: a query parameter is not what it must be.
import t from 'tap'
import { build, refused } from '../helper.ts'

const path = '/v1/agents'
const limit = 'limit must be an integer from 1 to 100'
const cursor = 'Invalid cursor'
const encoded = (text: string) => Buffer.from(text).toString('base64url')
const uuid = '5b710eca-ee67-4c3a-aeb6-8b541f451b40'

const bad: [query: string, detail: string][] = [
  ['limit=0', limit],
  ['limit=101', limit],
  ['limit=1.5', limit],
  ['limit=ten', limit],
  ['limit=', limit],
  ['limit=1&limit=2', limit],
  ['cursor=', cursor],
  ['cursor=nope', cursor],
  ['cursor=%00', cursor],
  ['cursor=a&cursor=b', cursor],
  [`cursor=${encoded(uuid)}`, cursor],
  [`cursor=${encoded(uuid)}=`, cursor],
  [`cursor=${encoded('agent')}=1705312800000000`, cursor],
  [`cursor=${encoded(`${uuid} `)}=1705312800000000`, cursor],
  [`cursor=${encoded(uuid)}=-1`, cursor],
  [`cursor=${encoded(uuid)}=17053128000000000`, cursor],
]

t.test('400: what is no limit, and what is no cursor of this list', async (t) => {
  const service = await build(t)
  for (const [query, detail] of bad)
    await t.test(query, async (t) => refused(t, await service.get(`${path}?${query}`), 400, detail))
})

t.test('401: without a key, whatever the query', async (t) => {
  const service = await build(t)
  const answer = await service.request(`${path}?limit=0`)
  refused(t, answer, 401, 'Invalid API key', { 'www-authenticate': 'ApiKey realm="voice-sessions"' })
})
