// listEvents, 400: a query parameter is not what it must be.
import t from 'tap'
import { build, refused } from '../helper.ts'

const path = '/v1/events'
const limit = 'limit must be an integer from 1 to 100'
const cursor = 'Invalid cursor'
const moment = 'created_after must be a date and time such as 2024-01-15T10:00:00Z'
const type = 'type must be one type of event, such as call.ended'
const encoded = (text: string) => Buffer.from(text).toString('base64url')
const id = `evt_${'0123456789abcdef'.repeat(2)}`

const bad: [query: string, detail: string][] = [
  ['type=', type],
  ['type', type],
  ['type=call.ended&type=call.failed', type],
  ['type=&type=', type],
  ['limit=0', limit],
  ['limit=101', limit],
  ['limit=1.5', limit],
  ['limit=', limit],
  ['limit=1&limit=2', limit],
  ['created_after=', moment],
  ['created_after=2024-01-15', moment],
  ['created_after=2024-02-30T10:00:00Z', moment],
  ['created_after=2016-12-31T23:59:60Z', moment],
  ['created_after=2024-01-15T10:00:00Z&created_after=2024-01-15T10:00:00Z', moment],
  ['cursor=', cursor],
  ['cursor=nope', cursor],
  ['cursor=%00', cursor],
  ['cursor=a&cursor=b', cursor],
  [`cursor=${encoded(id)}`, cursor],
  [`cursor=${encoded(id.toUpperCase())}=1705312800000000`, cursor],
  [`cursor=${encoded(`${id} `)}=1705312800000000`, cursor],
  [`cursor=${encoded(id)}=-1`, cursor],
  [`cursor=${encoded(id)}=17053128000000000`, cursor],
]

t.test('400: what is no one type, no limit, no moment, and no cursor of this list', async (t) => {
  const service = await build(t)
  for (const [query, detail] of bad)
    await t.test(query, async (t) => refused(t, await service.get(`${path}?${query}`), 400, detail))
})

t.test('401: without a key, whatever the query', async (t) => {
  const service = await build(t)
  const answer = await service.request(`${path}?limit=0`)
  refused(t, answer, 401, 'Invalid API key', { 'www-authenticate': 'ApiKey realm="voice-sessions"' })
})
