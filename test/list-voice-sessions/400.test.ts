// listVoiceSessions, 400: a query parameter is not what it must be.
import t from 'tap'
import { build, refused, seedOrganization } from '../helper.ts'

const path = '/v1/chat/voice-sessions'
const limit = 'limit must be an integer from 1 to 100'
const status = 'status must be creating, active or ended'
const cursor = 'Invalid cursor'

const bad: [query: string, detail: string][] = [
  ['limit=0', limit],
  ['limit=101', limit],
  ['limit=-1', limit],
  ['limit=1.5', limit],
  ['limit=ten', limit],
  ['limit=', limit],
  ['limit=1&limit=2', limit],
  ['status=', status],
  ['status=Active', status],
  ['status=open', status],
  ['cursor=', cursor],
  ['cursor=nope', cursor],
  ['cursor=%00', cursor],
  ['cursor=a&cursor=b', cursor],
]

for (const [query, detail] of bad)
  t.test(`400: ${query}`, async (t) => {
    const service = await build(t)
    refused(t, await service.get(`${path}?${query}`), 400, detail)
  })

t.test('400: another organization’s cursor', async (t) => {
  const service = await build(t)
  for (let index = 0; index < 2; index++) await service.create()
  const { json } = await service.get(`${path}?limit=1`)
  const stranger = await seedOrganization(service.db)
  refused(t, await service.get(`${path}?cursor=${json.next_cursor}`, stranger.key), 400, cursor)
})

t.test('401: without a key, whatever the query', async (t) => {
  const service = await build(t)
  const answer = await service.request(`${path}?limit=0`)
  refused(t, answer, 401, 'Invalid API key', { 'www-authenticate': 'ApiKey realm="voice-sessions"' })
})
