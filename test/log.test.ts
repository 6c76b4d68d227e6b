// The log: one JSON line for each request, under the id that its answer carries.
import t from 'tap'
import { read, until, uuidPattern } from './helper.ts'
import { startWatched } from './watched-server.ts'
import { head, openWire } from './wire.ts'

const path = '/v1/chat/voice-sessions'

t.test('each request is one line of JSON, under the id that its answer carries', async (t) => {
  const { server, organization, body, requests, create } = await startWatched(t)
  const { key } = organization
  const answers = [
    await create(key, body),
    await create(key, '{'),
    await create('', body),
    await read(await fetch(`${server.url}/nowhere`)),
    await read(await fetch(`${server.url}/livez`)),
    await read(await fetch(`${server.url}/v1/%zz`)),
  ]
  const ids = answers.map(({ headers }) => headers.get('x-request-id'))
  for (const bytes of ['no HTTP at all\r\n\r\n', head('GET', '/livez', { 'X-Large': 'a'.repeat(17_000) })]) {
    const wire = await openWire(t, server.port)
    wire.send(bytes)
    ids.push((await wire.answer()).headers['x-request-id'] as string)
  }
  const lines = await until(async () => requests().length >= ids.length && requests())

  t.same(lines.map(({ reqId }) => reqId).sort(), ids.sort(), 'one line each, and no other')
  for (const id of ids) t.match(id, uuidPattern)
  const line = (status: number) => lines.filter((line) => line.status === status)
  t.match(line(200)[0], { method: 'POST', route: path, organization_id: organization.id, level: 30, msg: 'request' })
  t.type(line(200)[0]?.duration_ms, 'number')
  t.match(line(401)[0], { method: 'POST', route: path, detail: 'Invalid API key' })
  t.match(line(404)[0], { method: 'GET', detail: 'Not found' })
  t.match(line(431)[0], { detail: 'Request headers too large' })
  t.strictSame(
    line(400)
      .map(({ detail }) => detail)
      .sort(),
    ['Invalid JSON body', 'Malformed HTTP request', 'Malformed HTTP request'],
  )
})

t.test('what fails inside is in the log with its cause, and only there', async (t) => {
  const { organization, proxy, body, requests, create } = await startWatched(t)
  await proxy.set('refuse')
  const answer = await create(organization.key, body)
  t.equal(answer.text, '{"detail":"Failed to create voice session: LiveKit connection failed"}')
  const [line] = await until(async () => requests().length > 0 && requests())
  t.match(line, { level: 50, status: 500, reqId: answer.headers.get('x-request-id'), msg: 'request failed' })
  t.match(JSON.stringify(line?.err), /ECONNREFUSED/)
})

t.test('each line about a session names its room, and the request that created it', async (t) => {
  const { server, organization, body, lines, create } = await startWatched(t)
  const answer = await create(organization.key, body)
  const { room_name } = answer.json
  const reqId = answer.headers.get('x-request-id')
  const headers = { 'x-api-key': organization.key }
  const url = `${server.url}${path}/${room_name}`
  for (const method of ['GET', 'DELETE']) t.equal((await fetch(url, { method, headers })).status, 200)
  t.equal((await fetch(`${server.url}${path}/${organization.key}`, { headers })).status, 404)
  const told = await until(async () => {
    const told = lines().filter((line) => line.room_name === room_name)
    return told.length >= 6 && told
  })
  const sessions = told.filter(({ status }) => status === undefined)
  t.same(
    sessions.map(({ msg }) => msg),
    ['session active', 'session ending', 'session ended'],
  )
  for (const line of sessions) t.equal(line.reqId, reqId, String(line.msg))
  const requests = told.filter(({ status }) => status !== undefined)
  t.same(
    requests.map(({ method }) => method),
    ['POST', 'GET', 'DELETE'],
  )
  t.equal(requests[0]?.reqId, reqId)
  t.notMatch(JSON.stringify(lines()), organization.key, 'what is no session’s name is in no line')
})

t.test('where LiveKit makes no room, the lines say which session there was', async (t) => {
  const { organization, proxy, body, lines, create } = await startWatched(t)
  await proxy.set('refuse')
  const answer = await create(organization.key, body)
  t.equal(answer.status, 500)
  const reqId = answer.headers.get('x-request-id')
  const told = await until(async () => {
    const told = lines().filter((line) => line.reqId === reqId)
    return told.length >= 2 && told
  })
  t.match(told, [{ msg: 'session ended', end_reason: 'create_failed' }, { msg: 'request failed' }])
  t.equal(told[1]?.room_name, told[0]?.room_name)
})
