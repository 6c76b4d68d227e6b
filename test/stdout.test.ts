// Whoever reads the log, or does not, never holds the service up: lines are dropped, and SIGTERM ends it.
import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { freeTcpPort } from '../demo/ports.ts'
import { environment, until } from './helper.ts'
import { serverArguments } from './processes.ts'

type Stdout = 'pipe' | number

/** The service with this stdout; resolves when it answers. */
async function start(t: Test, stdout: Stdout, program = process.execPath, args = serverArguments) {
  const port = await freeTcpPort()
  const env = {
    ...process.env,
    TSX_DISABLE_CACHE: '1',
    ...(await environment({ LOG_LEVEL: 'info', PORT: String(port) })),
  }
  const child = spawn(program, args, { env, stdio: ['ignore', stdout, 'pipe'] })
  t.teardown(() => child.kill('SIGKILL'))
  const ask = async () => (await fetch(`http://127.0.0.1:${port}/livez`).catch(() => undefined))?.status
  await until(async () => (await ask()) === 200, 60_000)
  return { child, ask }
}

/** More lines than wait for a reader; each is about 250 bytes. */
async function askOften(ask: () => Promise<unknown>, times: number): Promise<void> {
  for (let n = 0; n < times; n += 50) await Promise.all(Array.from({ length: 50 }, ask))
}

async function endsPromptly(t: Test, child: ChildProcess): Promise<void> {
  const startedAt = performance.now()
  const closed = once(child, 'exit')
  child.kill('SIGTERM')
  t.same(await closed, [0, null])
  t.ok(performance.now() - startedAt < 5000, 'promptly')
}

t.test('where the disk is full, the service runs, and ends', async (t) => {
  const full = openSync('/dev/full', 'w')
  t.teardown(() => closeSync(full))
  const { child, ask } = await start(t, full)
  await askOften(ask, 100)
  t.equal(await ask(), 200)
  await endsPromptly(t, child)
})

t.test('where the disk is full for a while, it is said how much is missing', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'voice-sessions-log-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'log')
  const file = openSync(path, 'a')
  t.teardown(() => closeSync(file))
  // A file may not be larger than so many blocks of 512 bytes: what is beyond is refused, as by a full disk. Without tap's part,
  // which would end the process at the signal that comes with the refusal.
  const args = serverArguments.filter((argument) => !argument.includes('@tapjs'))
  const limited = ['-c', 'unset NODE_OPTIONS; trap "" XFSZ; ulimit -f 2; exec "$0" "$@"', process.execPath, ...args]
  const { child, ask } = await start(t, file, 'sh', limited)
  await askOften(ask, 50)
  truncateSync(path)
  await ask()
  await until(async () => /lines of log were dropped/.test(readFileSync(path, 'utf8')))
  await endsPromptly(t, child)
})

t.test('a pipe that nobody reads from fills up, the service runs, and ends', async (t) => {
  const { child, ask } = await start(t, 'pipe')
  child.stdout?.pause()
  await askOften(ask, 3000)
  t.equal(await ask(), 200)
  await endsPromptly(t, child)
})

t.test('a reader that goes on is told how much is missing, and one that has gone is not missed', async (t) => {
  const { child, ask } = await start(t, 'pipe')
  child.stdout?.pause()
  await askOften(ask, 3000)
  let text = ''
  child.stdout
    ?.resume()
    .setEncoding('utf8')
    .on('data', (part) => {
      text += part
    })
  await until(async () => /\d+ lines of log were dropped/.test(text))
  const lines = text.split('\n').slice(0, -1)
  t.ok(
    lines.every((line) => JSON.parse(line).level),
    'no line is cut',
  )
  child.stdout?.destroy()
  await askOften(ask, 100)
  t.equal(await ask(), 200)
  await endsPromptly(t, child)
})

t.test('a terminal that takes nothing more fills up, the service runs, and ends', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'voice-sessions-log-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const pidFile = join(directory, 'pid')
  // `script` opens a terminal for the service, and stops reading it where nobody reads from `script`.
  const command = `echo $$ > ${pidFile}; exec ${[process.execPath, ...serverArguments].map((text) => `'${text}'`).join(' ')}`
  const { child, ask } = await start(t, 'pipe', 'script', ['-qfec', command, '/dev/null'])
  const pid = Number(readFileSync(pidFile, 'utf8'))
  t.teardown(() => {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended.
    }
  })
  child.stdout?.pause()
  await askOften(ask, 1500)
  t.equal(await ask(), 200)
  process.kill(pid, 'SIGTERM')
  const isRunning = () =>
    existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  await until(async () => !isRunning(), 10_000)
  t.notOk(isRunning(), 'it has ended')
})

t.test('a stdout that cannot be written to keeps the process from starting, and is named', async (t) => {
  const datagrams = createSocket('udp4').bind(0, '127.0.0.1')
  t.teardown(() => datagrams.close())
  await once(datagrams, 'listening')
  const { fd } = Reflect.get(datagrams, '_handle') as { fd: number }
  const child = spawn(process.execPath, serverArguments, {
    env: { ...process.env, ...(await environment({ LOG_LEVEL: 'info', PORT: '0' })) },
    stdio: ['ignore', fd, 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  let stderr = ''
  child.stderr?.on('data', (text) => {
    stderr += text
  })
  t.same(await once(child, 'close'), [1, null])
  t.equal(stderr, 'Cannot start: stdout cannot be written to: Unsupported fd type: UDP\n')
})
