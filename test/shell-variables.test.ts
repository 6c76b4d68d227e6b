// The variables of the shell: what belongs to other programs does not reach the demo's parts, and a file of variables reaches the
// commands that npm runs.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { migrationNames } from './files.ts'
import { cloneDatabase } from './helper.ts'
import { createDatabaseFrom, runAdmin, spawnAdmin, spawnNode, typescript } from './processes.ts'

t.setTimeout(600_000)

function directoryOf(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'voice-sessions-shell-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

t.test('PostgreSQL and livekit-server start and answer whatever the shell has set for others', async (t) => {
  const variables = {
    PGSSLMODE: 'require',
    PGHOST: 'nowhere.invalid',
    PGPASSWORD: 'canary',
    PGOPTIONS: '-c nonsense=1',
    PGPORT: '1',
    PGDATESTYLE: 'German',
    NODE_OPTIONS: '--no-warnings',
    LIVEKIT_PORT: 'tcp://10.96.0.10:7880',
    LIVEKIT_CONFIG: '{"port": 1}',
    REDIS_HOST: '127.0.0.1:1',
  }
  const { code, stdout, stderr } = await spawnNode(t, [...typescript, 'test/demo-parts.ts', directoryOf(t)], variables)
    .finished
  t.equal(stderr, '')
  t.equal(stdout, 'NODE_OPTIONS PGDATESTYLE PGHOST PGOPTIONS PGPASSWORD PGPORT PGSSLMODE\nboth answer\n')
  t.equal(code, 0)
})

/** A directory like a clone, with these variables in its .env. */
function cloneWith(t: Test, variables: Record<string, string>): string {
  const directory = directoryOf(t)
  cpSync('package.json', join(directory, 'package.json'))
  for (const name of ['src', 'node_modules', 'tsconfig.json']) symlinkSync(resolve(name), join(directory, name))
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`)
  writeFileSync(join(directory, '.env'), lines.join(''))
  return directory
}

async function npmRun(cwd: string, args: string[], variables: Record<string, string> = {}) {
  const { DATABASE_URL: _, ...env } = process.env
  const child = spawn('npm', ['run', '--silent', ...args], { cwd, env: { ...env, ...variables }, stdio: 'pipe' })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => {
      output += data
    })
  await once(child, 'close')
  return output
}

t.test('npm run migrate and npm run admin read .env, but what is set counts more', async (t) => {
  const directory = cloneWith(t, { DATABASE_URL: await createDatabaseFrom(t, 'template0') })
  t.equal(await npmRun(directory, ['migrate']), `${JSON.stringify({ applied: migrationNames })}\n`)
  t.equal(await npmRun(directory, ['admin', '--', 'org', 'list']), '[]\n')
  const DATABASE_URL = await createDatabaseFrom(t, 'template0')
  t.match(await npmRun(directory, ['admin', '--', 'org', 'list'], { DATABASE_URL }), /42P01/)
})

t.test('the command line reads the file that --env-file names', async (t) => {
  const file = join(cloneWith(t, { DATABASE_URL: await cloneDatabase() }), '.env')
  t.match(await spawnAdmin(t, undefined, 'org', 'list', '--env-file', file), { code: 0, stdout: '[]\n' })
  t.match(await spawnAdmin(t, undefined, `--env-file=${file}`, 'audit'), { code: 0 })
  // Some versions of Node look for such a file, too, and end without it.
  t.match(await runAdmin(undefined, '--env-file=/nowhere', 'audit'), {
    code: 2,
    stderr: /^error: option '--env-file <file>' argument '\/nowhere' is invalid. It cannot be read: ENOENT[^\n]*\n$/,
  })
})

t.test('a DATABASE_URL that is none is refused in one sentence', async (t) => {
  const sentence =
    'error: DATABASE_URL must be a URL that begins with postgres:// or postgresql://, in which special characters of the password are percent-encoded\n'
  for (const url of [
    'voice_sessions',
    'localhost:5432/db',
    'mysql://u@h/db',
    'postgres://u:a#b@h/db',
    'postgres://u:a%b@h/db',
  ])
    t.match(await spawnAdmin(t, url, 'org', 'list'), { code: 2, stdout: '', stderr: sentence }, url)
  t.match(
    await spawnAdmin(t, `${await cloneDatabase()}\n`, 'org', 'list'),
    { code: 0 },
    'a line end after it is none of it',
  )
  t.match(await spawnAdmin(t, 'postgres://u:canary@nowhere.invalid/db', 'org', 'list'), {
    code: 1,
    stderr: /^error: the database failed: getaddrinfo \w+ nowhere.invalid[^\n]*\n$/,
  })
})
