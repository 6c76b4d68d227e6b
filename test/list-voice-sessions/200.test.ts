// listVoiceSessions, 200: the organization's sessions, newest first, page by page.
import t from 'tap'
import { build, seedOrganization } from '../helper.ts'

const path = '/v1/chat/voice-sessions'
const names = (sessions: { room_name: string }[]) => sessions.map(({ room_name }) => room_name)

t.test('200: without sessions the page is empty, and there is no next', async (t) => {
  const service = await build(t)
  t.strictSame((await service.get(path)).json, { sessions: [] })
})

t.test('200: newest first, in pages that follow one another without gap or repeat', async (t) => {
  const service = await build(t)
  const created: string[] = []
  for (let index = 0; index < 7; index++) created.push((await service.create()).json.room_name)
  const stranger = await seedOrganization(service.db)
  await service.create(stranger.pipelineAgent, {}, stranger.key)

  t.strictSame(names((await service.get(path)).json.sessions), created.toReversed(), 'all of ours, no other')
  const pages: string[][] = []
  let cursor: string | undefined
  do {
    const page = await service.get(`${path}?limit=3${cursor ? `&cursor=${cursor}` : ''}`)
    t.equal(page.status, 200)
    pages.push(names(page.json.sessions))
    cursor = page.json.next_cursor
  } while (cursor)
  t.strictSame(
    pages.map((page) => page.length),
    [3, 3, 1],
  )
  t.strictSame(pages.flat(), created.toReversed())
  t.notOk('next_cursor' in (await service.get(`${path}?limit=7`)).json, 'a full last page has no next')
})

t.test('200: only sessions in the state that was asked for', async (t) => {
  const service = await build(t)
  const { json } = await service.create()
  await service.create()
  await service.request(`${path}/${json.room_name}`, { method: 'DELETE', headers: service.authorized })
  t.strictSame(names((await service.get(`${path}?status=ended`)).json.sessions), [json.room_name])
  t.equal((await service.get(`${path}?status=active`)).json.sessions.length, 1)
  t.equal((await service.get(`${path}?status=creating`)).json.sessions.length, 0)
})
