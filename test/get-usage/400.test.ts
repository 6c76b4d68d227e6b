// getUsage, 400: a query parameter is absent, or not what it must be.
import t from 'tap'
import { build, refused } from '../helper.ts'

const path = '/v1/usage'
const from = 'from must be a date such as 2024-01-15'
const to = 'to must be a date such as 2024-01-15, after from and at most 366 days later'
const group = 'group_by must be day, agent or user_identifier'
const limit = 'limit must be an integer from 1 to 100'
const cursor = 'Invalid cursor'
const encoded = (text: string) => Buffer.from(text).toString('base64url')
const days = 'from=2024-01-15&to=2024-02-15'

const bad: [query: string, detail: string][] = [
  ['', from],
  ['to=2024-02-15', from],
  ['from=2024-01-15', to],
  ...['', 'today', '2024-1-15', '2024-01-15T00:00:00Z', '2024-02-30', '20240115', '2024-01-15%00'].flatMap(
    (day): [string, string][] => [
      [`from=${day}&to=2024-02-15`, from],
      [`from=2024-01-15&to=${day}`, to],
    ],
  ),
  [`${days}&from=2024-01-15`, from],
  [`${days}&to=2024-02-15`, to],
  ['from=2024-01-15&to=2024-01-15', to],
  ['from=2024-01-15&to=2024-01-14', to],
  ['from=2024-01-15&to=2025-01-16', to],
  [`${days}&group_by=`, group],
  [`${days}&group_by=Day`, group],
  [`${days}&group_by=month`, group],
  [`${days}&group_by=day&group_by=day`, group],
  [`${days}&limit=0`, limit],
  [`${days}&limit=101`, limit],
  [`${days}&limit=ten`, limit],
  [`${days}&cursor=`, cursor],
  [`${days}&cursor=nope`, cursor],
  [`${days}&cursor=a&cursor=b`, cursor],
  [`${days}&cursor=${encoded('2024-02-30')}`, cursor],
  [`${days}&cursor=${encoded('+002024-01-15')}`, cursor],
  [`${days}&cursor=${encoded('2024-01-15')}=`, cursor],
  [`${days}&cursor=${encoded('2024-01-15')}%3D1`, cursor],
  [`${days}&group_by=agent&cursor=${encoded('2024-01-15')}`, cursor],
  [`${days}&group_by=agent&cursor=${encoded('5B710ECA-EE67-4C3A-AEB6-8B541F451B40')}`, cursor],
  [`${days}&group_by=user_identifier&cursor=${encoded('a\0')}`, cursor],
  [`${days}&group_by=user_identifier&cursor=${encoded('x'.repeat(257))}`, cursor],
  [`${days}&group_by=user_identifier&cursor=${Buffer.from('ff', 'hex').toString('base64url')}`, cursor],
]

t.test('400: what is no day, no group, no limit, and no cursor of these rows', async (t) => {
  const service = await build(t)
  for (const [query, detail] of bad)
    await t.test(query || 'nothing', async (t) => refused(t, await service.get(`${path}?${query}`), 400, detail))
})

t.test('200: the longest span, and days at the ends of time', async (t) => {
  const service = await build(t)
  for (const query of [
    'from=2024-01-15&to=2025-01-15',
    'from=0000-01-01&to=0000-12-31',
    'from=9999-01-01&to=9999-12-31',
  ]) {
    const first = encoded(query.slice(5, 15))
    for (const rest of ['', '&group_by=agent', '&group_by=user_identifier', `&cursor=${first}`]) {
      const { status, json } = await service.get(`${path}?${query}${rest}`)
      t.match({ status, rows: json.rows }, { status: 200, rows: [] }, `${query}${rest}`)
    }
  }
})

t.test('401: without a key, whatever the query', async (t) => {
  const service = await build(t)
  const answer = await service.request(path)
  refused(t, answer, 401, 'Invalid API key', { 'www-authenticate': 'ApiKey realm="voice-sessions"' })
})
