// listVoiceSessions, 200: the filters, and a cursor that needs no session.
import { sql } from 'kysely'
import t from 'tap'
import { fillPage, fullMetadata } from '../full-page.ts'
import { build, seedOrganization } from '../helper.ts'

const path = '/v1/chat/voice-sessions'
const query = (values: Record<string, string>) => `${path}?${new URLSearchParams(values)}`

async function withSessions(t: Parameters<typeof build>[0]) {
  const service = await build(t)
  const { pipelineAgent, realtimeAgent } = service.organization
  const create = async (agent_id: string, context = {}) => {
    const { json } = await service.post(JSON.stringify({ agent_id, ...context }))
    return json.room_name as string
  }
  const listed = async (values: Record<string, string>) => {
    const { status, json } = await service.get(query(values))
    t.equal(status, 200, JSON.stringify(values))
    return json.sessions.map(({ room_name }: { room_name: string }) => room_name)
  }
  /** Times on PostgreSQL's clock, to the microsecond. */
  const move = (room: string, at: string) =>
    sql`UPDATE voice_sessions SET created_at = ${at}::timestamptz WHERE room_name = ${room}`.execute(service.db)
  return { service, pipelineAgent, realtimeAgent, create, listed, move }
}

t.test('200: only sessions with an agent, or of a person; what nobody has is an empty page', async (t) => {
  const { service, pipelineAgent, realtimeAgent, create, listed } = await withSessions(t)
  const ana = await create(pipelineAgent, { user_identifier: 'Ana' })
  const other = await create(realtimeAgent, { user_identifier: 'ana' })
  const again = await create(realtimeAgent, { user_identifier: 'Ana' })
  const stranger = await seedOrganization(service.db)
  await service.create(stranger.pipelineAgent, {}, stranger.key)

  t.strictSame(await listed({ agent_id: pipelineAgent }), [ana])
  t.strictSame(await listed({ agent_id: realtimeAgent.toUpperCase() }), [again, other])
  t.strictSame(await listed({ user_identifier: 'Ana' }), [again, ana])
  t.strictSame(await listed({ user_identifier: 'Ana', agent_id: pipelineAgent, status: 'active' }), [ana])
  t.strictSame(await listed({ user_identifier: 'Ana', status: 'ended' }), [])
  for (const agent_id of [stranger.pipelineAgent, 'nobody', '', `${pipelineAgent}\0`, '{}'])
    t.strictSame(await listed({ agent_id }), [], agent_id)
  for (const user_identifier of ['An', 'Ana ', '', '\0', 'x'.repeat(3000)])
    t.strictSame(await listed({ user_identifier }), [], user_identifier)
  const twice = await service.get(`${path}?agent_id=${pipelineAgent}&agent_id=${pipelineAgent}`)
  t.strictSame(twice.json, { sessions: [] })
})

t.test('200: from a moment on, and before another, in milliseconds as they are shown', async (t) => {
  const { pipelineAgent, create, listed, move } = await withSessions(t)
  const [first, second, third] = [await create(pipelineAgent), await create(pipelineAgent), await create(pipelineAgent)]
  await move(first, '2024-01-15T10:00:00.000Z')
  await move(second, '2024-01-15T10:00:00.001999Z')
  await move(third, '2024-01-15T10:00:00.002Z')
  const shown = '2024-01-15T10:00:00.001Z'
  t.strictSame(await listed({ created_after: shown }), [third, second])
  t.strictSame(await listed({ created_before: shown }), [first])
  t.strictSame(await listed({ created_before: '2024-01-15T10:00:00.002Z' }), [second, first])
  t.strictSame(await listed({ created_after: '2024-01-15T10:00:00.0010001Z' }), [third])
  t.strictSame(await listed({ created_before: '2024-01-15T10:00:00.0010001Z' }), [second, first])
  t.strictSame(await listed({ created_after: shown, created_before: '2024-01-15T10:00:00.002000Z' }), [second])
  t.strictSame(await listed({ created_after: '2024-01-15T12:00:00.002+02:00' }), [third])
  t.strictSame(await listed({ created_before: '0000-01-01T00:00:00Z' }), [])
  t.strictSame(await listed({ created_after: '9999-12-31T23:59:59Z' }), [])
})

t.test('200: pages within one microsecond follow one another without gap or repeat', async (t) => {
  const { service, pipelineAgent, create, listed } = await withSessions(t)
  for (let index = 0; index < 5; index++) await create(pipelineAgent)
  await sql`UPDATE voice_sessions SET created_at = '2024-01-15T10:00:00.123456Z'`.execute(service.db)
  const all = await listed({})
  const paged: string[] = []
  let cursor: string | undefined
  do {
    const { json } = await service.get(query({ limit: '2', ...(cursor !== undefined && { cursor }) }))
    paged.push(...json.sessions.map(({ room_name }: { room_name: string }) => room_name))
    cursor = json.next_cursor
  } while (cursor !== undefined)
  t.strictSame(paged, all)
})

t.test('200: a cursor is a place: with other filters, of another organization, or where no session is', async (t) => {
  const { service, pipelineAgent, realtimeAgent, create, listed, move } = await withSessions(t)
  const rooms = [await create(pipelineAgent), await create(realtimeAgent), await create(pipelineAgent)]
  for (const [index, room] of rooms.entries()) await move(room, `2024-01-15T10:00:0${index}Z`)
  const { next_cursor: cursor } = (await service.get(query({ limit: '1' }))).json
  const [oldest, middle, newest] = rooms
  t.equal(cursor, `${Buffer.from(newest as string).toString('base64url')}=1705312802000000`)
  t.strictSame(await listed({ cursor }), [middle, oldest])
  t.strictSame(await listed({ cursor, agent_id: pipelineAgent }), [oldest])
  t.equal((await service.get(`${path}?cursor=${cursor}&limit=1`)).json.sessions.length, 1, 'as it is, unescaped')
  const nowhere = `${Buffer.from('agent_of_nobody').toString('base64url')}=1705312801000001`
  t.strictSame(await listed({ cursor: nowhere }), [middle, oldest])
  const stranger = await seedOrganization(service.db)
  t.strictSame((await service.get(query({ cursor }), stranger.key)).json, { sessions: [] })
  const former = Buffer.from(newest as string).toString('base64url')
  t.strictSame(await listed({ cursor: former }), [middle, oldest], 'as an earlier version gave it out')
})

t.test('200: a hundred sessions with as much metadata as there may be', async (t) => {
  const service = await build(t)
  await fillPage(service)
  const { status, json } = await service.get(query({ limit: '100' }))
  t.equal(status, 200)
  t.equal(json.sessions.length, 100)
  for (const session of json.sessions) t.strictSame({ ...session.metadata }, fullMetadata)
})
