// listVoiceSessions, 400: a query parameter is not what it must be.
import t from 'tap'
import { build, refused, seedOrganization } from '../helper.ts'

const path = '/v1/chat/voice-sessions'
const limit = 'limit must be an integer from 1 to 100'
const status = 'status must be creating, active or ended'
const cursor = 'Invalid cursor'

const base64url = (text: string) => Buffer.from(text).toString('base64url')
const moments = [
  '',
  'today',
  '1705312800',
  '2024-01-15',
  '2024-01-15T10:00:00',
  '2024-02-30T10:00:00Z',
  '2016-12-31T23:59:60Z',
]

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
  [`cursor=${base64url('agent_a\0')}=1`, cursor],
  [`cursor=${base64url('agent_a')}=12345678901234567`, cursor],
  [`cursor=${base64url('agent_a')}=-1`, cursor],
  [`cursor=${base64url('agent_of_nobody')}`, cursor],
  ...moments.flatMap((moment): [string, string][] => [
    [`created_after=${moment}`, 'created_after must be a date and time such as 2024-01-15T10:00:00Z'],
    [`created_before=${moment}`, 'created_before must be a date and time such as 2024-01-15T10:00:00Z'],
  ]),
]

for (const [query, detail] of bad)
  t.test(`400: ${query}`, async (t) => {
    const service = await build(t)
    refused(t, await service.get(`${path}?${query}`), 400, detail)
  })

t.test('400: a cursor of an earlier version that names another organization’s session', async (t) => {
  const service = await build(t)
  const { json } = await service.create()
  const stranger = await seedOrganization(service.db)
  refused(t, await service.get(`${path}?cursor=${base64url(json.room_name)}`, stranger.key), 400, cursor)
})

t.test('401: without a key, whatever the query', async (t) => {
  const service = await build(t)
  const answer = await service.request(`${path}?limit=0`)
  refused(t, answer, 401, 'Invalid API key', { 'www-authenticate': 'ApiKey realm="voice-sessions"' })
})
