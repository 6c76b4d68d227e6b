// What LiveKit answers is read within bounds, and nobody else's words are taken for LiveKit's.
import t from 'tap'
import { AnswerTooLarge } from '../src/errors.ts'
import { build, until } from './helper.ts'
import { startStandIn } from './stand-in.ts'

/** LiveKit's place, where every answer but that to the sweep never ends; how much of it was sent, and by how many answers. */
async function startEndless(t: Parameters<typeof startStandIn>[0], status: number, type: string) {
  const part = JSON.stringify({ sid: 'PA_a', name: 'a'.repeat(500) })
  const sent = { bytes: 0, open: 0 }
  const { url } = await startStandIn(t, ({ url }, response) => {
    response.writeHead(status, { 'content-type': type })
    if (url?.endsWith('ListRooms')) return response.end('{}')
    sent.open++
    response.on('close', () => sent.open--)
    const more = (): unknown => {
      sent.bytes += part.length
      return response.destroyed || response.write(`${part},`, () => setImmediate(more))
    }
    response.write('{"participants":[')
    return more()
  })
  return { url, sent }
}

const request = {
  ...{ room_name: 'a', organization_id: 'a', user_id: 'a', worker_name: 'a', max_call_minutes: 1 },
  ...{ agent_id: 'a', agent_name: 'a', architecture: 'pipeline', agent_version: 1 },
  ...{ config: null, metadata: null, user_identifier: null, traceparent: null },
}

t.test('an answer that is too large is broken off, and the caller can tell', async (t) => {
  const { url, sent } = await startEndless(t, 200, 'application/json')
  const { livekit } = (await build(t, { LIVEKIT_API_URL: url })).app
  await t.rejects(livekit.listParticipants('a'), AnswerTooLarge)
  await until(async () => sent.open === 0)
  t.ok(sent.bytes < 8 * 1024 * 1024, `${sent.bytes} bytes, most of them on the way`)
  await t.rejects(livekit.createRoom(request), { statusCode: 500, cause: { name: 'AnswerTooLarge' } })
  await t.rejects(livekit.deleteRoom('a'), { statusCode: 503, cause: { name: 'AnswerTooLarge' } })
  await until(async () => sent.open === 0)
})

t.test('rooms that are asked for by name may not fill the memory, either', async (t) => {
  const rooms = JSON.stringify({ rooms: [{ sid: 'RM_a', name: 'a', metadata: 'a'.repeat(2 * 1024 * 1024) }] })
  const { url } = await startStandIn(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(rooms)
  })
  const { livekit } = (await build(t, { LIVEKIT_API_URL: url })).app
  t.strictSame(await livekit.listRooms(), ['a'], 'of all rooms so much is read')
  await t.rejects(livekit.listRooms(['a']), { statusCode: 503, cause: { name: 'AnswerTooLarge' } })
})

t.test('what is too large and not LiveKit’s says nothing about a room', async (t) => {
  for (const [status, type] of [
    [200, 'text/html'],
    [502, 'application/json'],
  ] as const) {
    const { url, sent } = await startEndless(t, status, type)
    const { livekit } = (await build(t, { LIVEKIT_API_URL: url })).app
    await t.rejects(livekit.listParticipants('a'), { statusCode: 503, cause: { name: 'LiveKitFailure' } })
    await until(async () => sent.open === 0)
  }
})

t.test('all rooms are listed where they are many, and some of them by name in several calls', async (t) => {
  const many = Array.from({ length: 10_000 }, (_, index) => ({
    sid: 'RM_a',
    name: `room-${index}`,
    metadata: 'a'.repeat(200),
  }))
  const bodies: number[] = []
  const { url } = await startStandIn(t, async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    const { names = [] } = JSON.parse(body)
    bodies.push(names.length)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ rooms: names.length > 0 ? many.filter(({ name }) => names.includes(name)) : many }))
  })
  const { livekit } = (await build(t, { LIVEKIT_API_URL: url })).app
  t.equal((await livekit.listRooms()).length, many.length)
  bodies.length = 0
  const wanted = Array.from({ length: 250 }, (_, index) => `room-${index + 9800}`)
  t.strictSame(await livekit.listRooms(wanted), wanted.slice(0, 200))
  t.strictSame(bodies, [100, 100, 50])
  t.strictSame(await livekit.listRooms([]), [])
  t.equal(bodies.length, 3, 'for no names LiveKit is not asked: it would name all rooms')
})

t.test('a room is told with LiveKit’s own time of making it, where it says', async (t) => {
  const times: Record<string, string> = { known: '1700000000123', unknown: '0' }
  const { url } = await startStandIn(t, async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    const { name } = JSON.parse(body)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ sid: 'RM_a', name, creationTimeMs: times[name] }))
  })
  const { livekit } = (await build(t, { LIVEKIT_API_URL: url })).app
  const made = async (room_name: string) => (await livekit.createRoom({ ...request, room_name })).made_at
  t.strictSame(await made('known'), new Date(1_700_000_000_123))
  t.strictSame(await made('unknown'), null)
  t.strictSame(await made('untold'), null)
})
