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
