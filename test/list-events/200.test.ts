// listEvents, 200: the organization's events as they were recorded, newest first, page by page.
import { sql } from 'kysely'
import t from 'tap'
import { build, type Service, seedOrganization } from '../helper.ts'
import { recorded, recording } from '../recorded.ts'

const path = '/v1/events'
const query = (values: Record<string, string>) => `${path}?${new URLSearchParams(values)}`
const ids = (events: { id: string }[]) => events.map(({ id }) => id)

/** So many calls that failed, two events each. */
async function failures(service: Service, count: number): Promise<void> {
  for (let call = 0; call < count; call++) {
    const { json } = await service.create()
    await service.app.calls.settle(json.room_name, { end_reason: 'create_failed', until: 'now' })
  }
}

/** All pages of a list, as their events' ids. */
async function pagesOf(service: Service, limit: number): Promise<string[][]> {
  const pages: string[][] = []
  let cursor: string | undefined
  do {
    const { json } = await service.get(query({ limit: String(limit), ...(cursor !== undefined && { cursor }) }))
    pages.push(ids(json.events))
    cursor = json.next_cursor
  } while (cursor !== undefined)
  return pages
}

t.test('200: bodies as they were recorded, whatever is in them, byte by byte', async (t) => {
  const service = await build(t)
  t.strictSame((await service.get(path)).json, { events: [] }, 'an organization without events')
  await recording(service)
  const metadata = { name: 'Zoë "Z" \\ \u2028 😀', a: '' }
  const { json } = await service.post(
    JSON.stringify({ agent_id: service.organization.pipelineAgent, metadata, user_identifier: 'x&y' }),
  )
  await service.app.calls.settle(json.room_name, { end_reason: 'caller_left', until: 'now' })
  const body =
    '{"id":"evt_","type":"call.later","created":"2024-01-15T10:00:00.000Z","organization_id":"ORG","data":SESSION}'
  const [ended] = await recorded(service)
  const later = body
    .replace('ORG', service.organization.id)
    .replace('SESSION', JSON.stringify({ ...ended.data, new: [1] }))
  await sql`
    INSERT INTO events (id, organization_id, type, body, created_at)
    VALUES ('evt_later', ${service.organization.id}, 'call.later', ${later}, now() + interval '1 s')`.execute(
    service.db,
  )
  const answer = await service.get(path)
  t.equal(answer.status, 200)
  t.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8')
  t.equal(answer.text, `{"events":[${later},${ended.body}]}`, 'also what a later version adds')
})

t.test('200: newest first, in pages that follow one another without gap or repeat', async (t) => {
  const service = await build(t)
  await recording(service)
  await failures(service, 3)
  const { id } = service.organization
  await sql`
    UPDATE events SET created_at = '2024-01-15T10:00:00.123456Z' WHERE organization_id = ${id} AND room_name IN (
      SELECT room_name FROM events WHERE organization_id = ${id} ORDER BY created_at LIMIT 4)`.execute(service.db)
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM events WHERE organization_id = ${id} ORDER BY created_at DESC, id DESC`.execute(service.db)
  const all = ids(rows)
  t.equal(all.length, 6)
  for (const limit of [1, 2, 4, 6, 7]) {
    const pages = await pagesOf(service, limit)
    t.strictSame(pages.flat(), all, `in pages of ${limit}`)
    t.equal(pages.length, Math.ceil(6 / limit))
  }
  const { next_cursor } = (await service.get(query({ limit: '4' }))).json
  t.match(next_cursor, /^[\w-]+=1705312800123456$/)
  await sql`DELETE FROM events WHERE id = ${all[3]}`.execute(service.db)
  t.strictSame(ids((await service.get(query({ cursor: next_cursor }))).json.events), all.slice(4), 'its event is gone')
})

t.test('200: only of a type, or from a moment on, in milliseconds as they are shown', async (t) => {
  const service = await build(t)
  await recording(service)
  await failures(service, 2)
  const listed = async (values: Record<string, string>) => {
    const { status, json } = await service.get(query(values))
    t.equal(status, 200, JSON.stringify(values))
    return json.events
  }
  const [, , first, last] = (await recorded(service)).map(({ created }) => created)
  t.equal(first, last, 'both of one transaction')
  t.match(await listed({ type: 'call.failed' }), [{ type: 'call.failed' }, { type: 'call.failed' }])
  t.equal((await listed({ created_after: last })).length, 2, 'inclusive')
  t.match(await listed({ created_after: last, type: 'call.ended' }), [{ type: 'call.ended', created: last }])
  t.equal((await listed({ created_after: '2999-01-01T00:00:00Z' })).length, 0)
  for (const type of ['call', 'call.unknown', 'call.ended ', '\0', 'x'.repeat(3000)])
    t.strictSame(await listed({ type }), [], JSON.stringify(type.slice(0, 20)))
})

t.test('200: no event of another organization, also with its cursor', async (t) => {
  const service = await build(t)
  const stranger = await seedOrganization(service.db)
  await recording(service)
  await failures(service, 1)
  const { next_cursor } = (await service.get(query({ limit: '1' }))).json
  t.strictSame((await service.get(path, stranger.key)).json, { events: [] })
  t.strictSame((await service.get(query({ cursor: next_cursor }), stranger.key)).json, { events: [] })
})
