// Agents as data: what the operator changes counts from the next call on, without a deploy, and the version says which it was.
import { writeFileSync } from 'node:fs'
import pg from 'pg'
import t from 'tap'
import { admin } from './command-line.ts'
import { dispatchesOf } from './dispatches.ts'
import { build, cloneDatabase, until } from './helper.ts'
import { query } from './processes.ts'

t.setTimeout(600_000)

t.test(
  'agent create takes a configuration, a worker and a limit; agent show prints the configuration, too',
  async (t) => {
    const { organization } = await build(t)
    const url = await cloneDatabase()
    const config = {
      instructions: 'Greet by name.\n“Hallo” 😀',
      voice: { speed: 1.25, tones: [1, null, true] },
      '': {},
    }
    const file = `${t.testdir()}/config.json`
    writeFileSync(file, `\uFEFF${JSON.stringify(config, null, 2)}\n`)
    // A character that UTF-16 writes as two is one.
    const name = '😀'.repeat(200)
    const created = await admin(
      ...([t, url, 'agent', 'create', '--org', organization.id, '--name', name, '--architecture', 'realtime'] as const),
      ...['--config', file, '--worker-name', 'sales worker', '--max-call-minutes', '7'],
    )
    t.match(created, { name, version: 1, worker_name: 'sales worker', max_call_minutes: 7, credits_per_minute: 1 })
    t.strictSame(await admin(t, url, 'agent', 'show', '--id', created.id), { ...created, config })
    const other = await admin(t, url, 'agent', 'show', '--id', organization.pipelineAgent)
    t.match(other, { version: 1, worker_name: null, max_call_minutes: null, config: null })
  },
)

t.test(
  'agent update changes what is named and counts up the version; what is the same already counts nothing',
  async (t) => {
    const { organization } = await build(t)
    const url = await cloneDatabase()
    const id = organization.pipelineAgent
    const update = (...changes: string[]) => admin(t, url, 'agent', 'update', '--id', id, ...changes)
    const show = () => admin(t, url, 'agent', 'show', '--id', id)
    const first = await show()
    const directory = t.testdir({
      'a.json': '{"a": 1, "b": [2]}',
      'same.json': '{"b":[2],"a":1.0}',
      'b.json': '{"a":2}',
    })
    const a = ['--config', `${directory}/a.json`]

    const { config, ...listed } = await show()
    t.strictSame(await update(...a), { ...listed, version: 2 })
    t.strictSame(await show(), { ...first, config: { a: 1, b: [2] }, version: 2 })
    t.match(await update('--config', `${directory}/same.json`), { version: 2 }, 'the same JSON in other words')
    const all = ['--name', 'B', '--credits-per-minute', '12', '--worker-name', 'w', '--max-call-minutes', '1440']
    const changed = { name: 'B', credits_per_minute: 12, worker_name: 'w', max_call_minutes: 1440 }
    t.match(await update(...a, ...all), { ...changed, version: 3 }, 'several at once are one change')
    t.match(await update(...all), { ...changed, version: 3 })
    t.match(await update('--name', 'B', '--credits-per-minute', '13'), { version: 4, credits_per_minute: 13 })

    const removed = { worker_name: null, max_call_minutes: null }
    t.match(await update('--no-worker-name', '--no-max-call-minutes'), { ...removed, name: 'B', version: 5 })
    t.match(await show(), { config: { a: 1, b: [2] } }, 'what is not named stays')
    t.match(await update('--no-config'), { version: 6 })
    t.match(await update('--no-config', '--no-worker-name'), { version: 6 }, 'it was removed already')
    t.match(await show(), { ...removed, config: null })
  },
)

t.test('updates at the same time all count', async (t) => {
  const { organization } = await build(t)
  const url = await cloneDatabase()
  const id = organization.pipelineAgent
  const other = new pg.Client({ connectionString: url })
  await other.connect()
  await other.query('BEGIN')
  await other.query('SELECT FROM agents WHERE id = $1 FOR UPDATE', [id])
  const names = ['A', 'B', 'C', 'D', 'D']
  const updates = names.map((name) => admin(t, url, 'agent', 'update', '--id', id, '--name', name))
  await until(async () => {
    const waiting = `SELECT count(*)::int FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '/* updateAgent %'`
    return (await query(waiting, [], url))[0].count === names.length
  })
  await other.query('COMMIT')
  await other.end()
  const versions = (await Promise.all(updates)).map(({ version }) => version).sort()
  const { version } = await admin(t, url, 'agent', 'show', '--id', id)
  t.equal(versions.at(-1), version)
  // The second D counts where another name came between the two.
  t.ok(version === 5 || version === 6, `version ${version}`)
  t.strictSame(
    [...new Set(versions)],
    Array.from({ length: version - 1 }, (_, index) => index + 2),
    'one by one',
  )
})

t.test('a change counts from the next call on; a call that runs keeps what it began with', async (t) => {
  const service = await build(t)
  const url = await cloneDatabase()
  const { pipelineAgent: id } = service.organization
  const directory = t.testdir({ 'config.json': '{"instructions": "Greet by name."}' })
  const before = (await service.create()).json.room_name
  const changes = ['--config', `${directory}/config.json`, '--worker-name', 'w2', '--max-call-minutes', '5']
  await admin(t, url, 'agent', 'update', '--id', id, ...changes, '--credits-per-minute', '20')
  const after = (await service.create()).json.room_name

  const stored = async (room: string) => admin(t, url, 'session', 'show', '--room', room)
  t.match(await stored(before), { agent_version: 1, worker_name: 'voice-agent', max_call_minutes: 60, rate: 10 })
  t.match(await stored(after), { agent_version: 2, worker_name: 'w2', max_call_minutes: 5, rate: 20 })
  const [dispatch] = await dispatchesOf(after)
  t.equal(dispatch?.worker, 'w2')
  const job = { agent_version: 2, max_call_minutes: 5, config: { instructions: 'Greet by name.' } }
  t.match(JSON.parse(dispatch?.metadata ?? ''), job)
})
