// Whom an agent talks to is in no line of log, whatever LiveKit, or what stands before it, repeats of what it was sent.
import t from 'tap'
import { cloneDatabase, until } from './helper.ts'
import { query } from './processes.ts'
import { startWatched } from './watched-server.ts'

const http = (status: string, body: string) =>
  `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

const parts = (request: string) => {
  const body = JSON.parse(request.slice(request.indexOf('\r\n\r\n')))
  const job = JSON.parse(body.agents[0].metadata)
  return { body: JSON.stringify(body), written: body.agents[0].metadata as string, job }
}

const echoes: Record<string, (request: string) => string> = {
  'all of it': (request) => http('400 No', parts(request).body),
  'as the message of an error': (request) => {
    const { body } = parts(request)
    return http('400 No', JSON.stringify({ code: 'malformed', msg: body.slice(body.indexOf('metadata')) }))
  },
  'the job': (request) => http('502 No', parts(request).written.slice(parts(request).written.indexOf('config'))),
  'its texts': (request) => {
    const { config, metadata, user_identifier } = parts(request).job
    return http('500 No', [config.voice, metadata.note, user_identifier].join(' and '))
  },
  'in what is no answer': (request) =>
    http('200 OK', `${parts(request).job.user_identifier}: ${parts(request).written}`),
}

t.test('no text of the context or the configuration is in any line', async (t) => {
  const { organization, proxy, body, requests, create, wholeLog } = await startWatched(t, { LOG_LEVEL: 'trace' })
  const config = { voice: 'canary "voice"', more: [{ deep: 'canary deep' }] }
  await query('UPDATE agents SET config = $1', [JSON.stringify(config)], await cloneDatabase())
  const statuses: number[] = [(await create(organization.key, body)).status]
  for (const echo of Object.values(echoes)) {
    await proxy.set({ answer: (request) => (request.includes('CreateRoom') ? echo(request) : http('200 OK', '{}')) })
    statuses.push((await create(organization.key, body)).status)
  }
  t.strictSame(statuses, [200, ...Object.keys(echoes).map(() => 500)])
  const log = await wholeLog()
  t.ok(requests().length >= statuses.length, 'the log is there')
  t.match(log, 'what LiveKit answered is no JSON')
  t.match(log, 'LiveKit answered 500: [removed] and [removed] and [removed]', 'and what is no text of theirs is told')
  t.notMatch(log, /canary|two lines/)
})

t.test('nor where PostgreSQL quotes the row that it refuses, or the values of a statement', async (t) => {
  const { organization, body, create, requests, wholeLog } = await startWatched(t, { LOG_LEVEL: 'trace' })
  const url = await cloneDatabase()
  const databaseName = new URL(url).pathname.slice(1)
  await query(`ALTER DATABASE "${databaseName}" SET log_parameter_max_length_on_error = -1`, [], url)
  await query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    [],
    url,
  )
  await query('ALTER TABLE voice_sessions ADD CONSTRAINT none CHECK (user_identifier IS NULL) NOT VALID', [], url)
  t.teardown(() => query('ALTER TABLE voice_sessions DROP CONSTRAINT none', [], url))
  // Until a new connection has what the database sets by now.
  await until(async () => (await create(organization.key, body)).status === 500)
  const log = await wholeLog()
  t.ok(
    requests().some(({ err }) => (err as { code?: string })?.code === '23514'),
    'the refusal is in the log',
  )
  t.notMatch(log, /canary/)
})
