// Whom an agent talks to is in no line of log, whatever LiveKit, or what stands before it, repeats of what it was sent.
import { readFileSync } from 'node:fs'
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
  'its texts, each written otherwise': (request) => {
    const { config, metadata, user_identifier } = parts(request).job
    const upper = user_identifier.toUpperCase().replace(' ', '&nbsp;')
    return http('500 No', `${upper} ${encodeURIComponent(metadata.note)} ${config.voice.slice(0, 9)}`)
  },
  'as a code': (request) => http('500 No', JSON.stringify({ code: parts(request).job.metadata.word, msg: '' })),
  'in JSON that is no room': (request) => http('200 OK', JSON.stringify({ name: [parts(request).job.metadata.note] })),
  'in what is no HTTP': (request) => `${parts(request).job.user_identifier}\r\n\r\n`,
  'in the text of its status': (request) => http(`403 ${parts(request).job.user_identifier}`, ''),
  'in what is too long': (request) => http('502 No', parts(request).job.user_identifier.repeat(100_000)),
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
  t.match(log, 'what LiveKit answered cannot be read')
  t.match(log, 'LiveKit answered 400: malformed', 'the status and its code are told')
  t.match(log, '"LiveKit answered 500"', 'and the status where there is no code')
  t.notMatch(log, /canary|two(%20| )lines/i)
})

t.test('no text makes a failure of LiveKit slow to tell, or large', async (t) => {
  const { organization, proxy, server, create, wholeLog } = await startWatched(t)
  const words = ['rem', 'ove', 'emo', 'ved', 'mov']
  const metadata = Object.fromEntries(Array.from({ length: 45 }, (_, at) => [`poison_${at}`, words[at % 5]]))
  const poison = JSON.stringify({ agent_id: organization.pipelineAgent, metadata })
  await proxy.set({
    answer: (request) => (request.includes('CreateRoom') ? http('500 No', parts(request).body) : http('200 OK', '{}')),
  })
  const startedAt = performance.now()
  t.equal((await create(organization.key, poison)).status, 500)
  t.ok(performance.now() - startedAt < 2000, 'in the time of any other failure')
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))?.[1]
  t.ok(Number(peak) < 500 * 1024, `in the memory of any other failure: ${peak} kB`)
  const log = await wholeLog()
  t.match(log, '"LiveKit answered 500"')
  t.ok(log.length < 50_000)
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
