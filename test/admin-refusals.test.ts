// What the command line refuses: wrong input or an unknown id is one clear line on stderr and exit 2, a conflict with what is
// there or a failure is one and exit 1. Neither prints anything else, nor changes anything.
import t from 'tap'
import { refuses } from './command-line.ts'
import { build, cloneDatabase, parts, through } from './helper.ts'
import { query, runAdmin, spawnProcess, typescript } from './processes.ts'

t.setTimeout(600_000)

const nobody = '5b710eca-ee67-4c3a-aeb6-8b541f451b40'

const state = async (url: string) => {
  const tables = ['organizations', 'api_keys', 'agents', 'credit_grants']
  return Promise.all(tables.map((table) => query(`SELECT * FROM ${table} ORDER BY id`, [], url)))
}

t.test('exit 2: what was asked for cannot be understood', async (t) => {
  const { organization } = await build(t)
  const url = await cloneDatabase()
  const before = await state(url)
  const org = ['--org', organization.id]
  await refuses(t, 2, url, [
    [/a command is missing, see --help/],
    [/unknown command 'nonsense'/, 'org', 'nonsense'],
    [/unknown option '--nonsense'/, 'org', 'list', '--nonsense'],
    [/too many arguments/, 'org', 'list', 'nonsense'],
    [/required option '--credits <n>' not specified/, 'org', 'create', '--name', 'A'],
    [/'--org <id>' argument missing/, 'org', 'show', '--org'],
    [/'--name <name>' argument ' ' is invalid. It must be a text/, 'org', 'create', '--credits', '1', '--name', ' '],
    [/'1.5' is invalid. It must be a whole number from 0/, 'org', 'create', '--name', 'A', '--credits', '1.5'],
    [/what to change is missing, see --help/, 'org', 'update', ...org],
    [/what to change is missing, see --help/, 'agent', 'update', '--id', organization.pipelineAgent],
    [/required option '--room <name>' not specified/, 'session', 'show'],
    [/from 0 to 9007199254740991/, 'org', 'create', '--name', 'A', '--credits', '9007199254740992'],
    [/It must be a UUID/, 'org', 'show', '--org', 'two\nlines'],
    [/Allowed choices are pipeline, realtime, text/, 'agent', 'create', ...org, '--name', 'A', '--architecture', 'x'],
    [/'0' is invalid/, 'agent', 'create', ...org, '--name', 'A', '--architecture', 'text', '--credits-per-minute', '0'],
    [/1 to 128 of A-Z a-z 0-9 . _ -/, 'key', 'create', ...org, '--user', 'a b'],
    [/RFC 3339/, 'key', 'create', ...org, '--user', 'a', '--expires', '2030-02-30T00:00:00Z'],
    [/RFC 3339/, 'key', 'create', ...org, '--user', 'a', '--expires', '2030-01-31 12:00:00Z'],
    [/a grant of 0 credits is none/, 'credits', 'grant', ...org, '--amount', '0', '--id', 'x'],
  ])
  t.strictSame(await state(url), before, 'nothing has changed')
})

t.test('exit 2: an id that nobody has', async (t) => {
  const url = await cloneDatabase()
  const before = await state(url)
  const org = ['--org', nobody]
  const unknown = new RegExp(`there is no organization ${nobody}`)
  await refuses(t, 2, url, [
    [unknown, 'org', 'show', ...org],
    [unknown, 'org', 'update', ...org, '--max-sessions', '1'],
    [unknown, 'org', 'suspend', ...org],
    [unknown, 'org', 'suspend', ...org, '--end-calls'],
    [unknown, 'org', 'resume', ...org],
    [unknown, 'key', 'create', ...org, '--user', 'a'],
    [unknown, 'key', 'list', ...org],
    [unknown, 'agent', 'create', ...org, '--name', 'A', '--architecture', 'text'],
    [unknown, 'agent', 'list', ...org],
    [unknown, 'credits', 'grant', ...org, '--amount', '1', '--id', 'x'],
    [unknown, 'org', 'update', ...org, '--record-events'],
    [unknown, 'credits', 'list', ...org],
    [unknown, 'session', 'list', ...org],
    [new RegExp(`there is no key ${nobody}`), 'key', 'revoke', '--id', nobody],
    [new RegExp(`there is no agent ${nobody}`), 'agent', 'delete', '--id', nobody],
    [new RegExp(`there is no agent ${nobody}`), 'agent', 'show', '--id', nobody],
    [new RegExp(`there is no agent ${nobody}`), 'agent', 'update', '--id', nobody, '--no-config'],
    [/there is no session nope/, 'session', 'show', '--room', 'nope'],
  ])
  t.strictSame(await state(url), before, 'nothing has changed')
})

t.test('exit 1: what was asked for is at odds with what is there', async (t) => {
  const { organization } = await build(t)
  const url = await cloneDatabase()
  const org = ['--org', organization.id]
  const { code } = await runAdmin(url, 'credits', 'grant', ...org, '--amount', '5', '--id', 'invoice 1')
  t.equal(code, 0)
  const { pipelineAgent, textAgent } = organization
  t.match(await runAdmin(url, 'agent', 'delete', '--id', textAgent), { code: 0 })
  const before = await state(url)
  const agent = ['agent', 'create', ...org, '--name', 'A', '--architecture', 'text', '--id', pipelineAgent]
  await refuses(t, 1, url, [
    [/invoice 1 is the id of a grant of 5 credits/, 'credits', 'grant', ...org, '--amount', '6', '--id', 'invoice 1'],
    [/the credits would be less than 0/, 'credits', 'grant', ...org, '--amount', '-1006', '--id', 'x'],
    [/or more than 9007199254740991/, 'credits', 'grant', ...org, '--amount', '9007199254740991', '--id', 'x'],
    [new RegExp(`there is an agent ${pipelineAgent} already`), ...agent],
    [new RegExp(`agent ${textAgent} is deleted`), 'agent', 'update', '--id', textAgent, '--name', 'B'],
  ])
  t.strictSame(await state(url), before, 'nothing has changed')
})

t.test('without a database there is a line that says so, and never the connection string', async (t) => {
  const down = 'postgres://user:canary@127.0.0.1:1/nowhere'
  const { proxy, url: silent } = await through(t, parts.databaseUrl)
  await proxy.set('hang')
  await refuses(t, 2, undefined, [[/DATABASE_URL is required/, 'org', 'list']])
  await refuses(t, 1, down, [
    [/^error: the database failed: (?!.*canary).*ECONNREFUSED.*; nobody listens there: check/, 'org', 'list'],
  ])
  await refuses(t, 1, `${parts.databaseUrl}?sslmode=verify-full&sslrootcert=/nowhere`, [
    [/^error: the database failed: ENOENT: no such file[^\n]*nowhere/, 'org', 'list'],
  ])
  await refuses(t, 1, silent, [[/connection timeout; nobody answers there: check the host/, 'org', 'list']])
  await refuses(t, 1, parts.databaseUrl, [
    [
      /the database failed: 42P01 relation "organizations" does not exist; .*: run `npm run migrate`, or /,
      'org',
      'list',
    ],
  ])
})

t.test('what cannot be printed is told in one line', async (t) => {
  const url = await cloneDatabase()
  const admin = [process.execPath, ...typescript, 'src/admin.ts', 'org', 'list']
  const variables = { DATABASE_URL: url }
  for (const [reason, output] of [
    ['ENOSPC', '> /dev/full'],
    ['EPIPE', '| true'],
  ]) {
    const command = `{ "$0" "$@"; echo "exit code $?" >&2; } ${output}`
    const { stderr } = await spawnProcess(t, 'sh', ['-c', command, ...admin], variables).finished
    t.match(stderr, new RegExp(`^error: it is done, but could not be printed: .*${reason}.*\nexit code 1\n$`))
  }
})

t.test('--help is there at every level, on stdout, and exits 0 without a database', async (t) => {
  const commands = ['', 'org', 'org create', 'audit']
  const helps = await Promise.all(
    commands.map(async (command) => {
      const { code, stdout, stderr } = await runAdmin(undefined, ...command.split(' ').filter(Boolean), '--help')
      t.equal(code, 0, command)
      t.equal(stderr, '', command)
      t.match(stdout, /^Usage: admin/, command)
      return stdout
    }),
  )
  for (const command of ['migrate', 'audit', 'org', 'key', 'agent', 'credits', 'session', 'explain', 'webhook'])
    t.match(helps[0], `\n  ${command} `)
  for (const option of ['--name', '--credits', '--max-sessions']) t.match(helps[2], option)
})
