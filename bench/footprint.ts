// footprint: how soon the service is ready, what memory it takes after a run of creations, and what its packages weigh.
import { execFileSync } from 'node:child_process'
import { cpSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { nodeOptions, program } from '../accept/build.ts'
import { freeTcpPort } from '../demo/ports.ts'
import { startProcess } from '../demo/processes.ts'
import { service } from './contestants.ts'
import { load, median } from './load.ts'
import { type Outcome, rounded } from './outcome.ts'
import { type Parts, startParts } from './parts.ts'
import { residentOf } from './processes.ts'

const patienceMilliseconds = 60_000

/** Milliseconds from the start of the process to 200 on /readyz. */
async function startTime(parts: Parts): Promise<number> {
  const port = await freeTcpPort()
  const startedAt = performance.now()
  const env = { ...process.env, ...parts.environment, PORT: String(port) }
  const logFile = parts.log('starts')
  const args = [...nodeOptions, program]
  const started = await startProcess({ name: 'service', command: process.execPath, args, env, logFile })
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  while (!(await isReady())) {
    if (performance.now() - startedAt > patienceMilliseconds) throw new Error(`it does not start: see ${logFile}`)
    await sleep(5)
  }
  const took = performance.now() - startedAt
  await started.stop()
  return took
}

const root = join(import.meta.dirname, '..')

/** MB that the packages in the image take on disk: those of production, without their source maps. */
function installedSize(): number {
  const directory = mkdtempSync(join(tmpdir(), 'voice-sessions-footprint-'))
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(root, file), join(directory, file))
  execFileSync('npm', ['ci', '--omit=dev', '--workspaces=false', '--ignore-scripts'], {
    cwd: directory,
    stdio: 'ignore',
  })
  const paths = readdirSync(join(directory, 'node_modules'), { recursive: true })
    .map((path) => join(directory, 'node_modules', String(path)))
    .filter((path) => !path.endsWith('.map'))
  const bytes = paths.reduce((total, path) => total + lstatSync(path).blocks * 512, 0)
  rmSync(directory, { recursive: true })
  return bytes / 1e6
}

export async function footprint({ short }: { short: boolean }): Promise<Outcome> {
  const parts = await startParts()
  const replica = await parts.startService()
  const starts: number[] = []
  for (let start = 0; start < (short ? 3 : 7); start++) starts.push(await startTime(parts))
  const atRest = residentOf(replica.process.pid)
  await load(service(replica, parts.customers), { concurrency: 16, milliseconds: short ? 2000 : 20_000 })
  const afterRun = residentOf(replica.process.pid)
  await parts.stop()
  const size = installedSize()
  return {
    rows: [
      { what: 'start to /readyz', reached: `${Math.round(median(starts))} ms` },
      { what: 'resident memory at rest', reached: `${rounded(atRest)} MB` },
      { what: 'resident memory after creations', reached: `${rounded(afterRun)} MB` },
      { what: 'production node_modules', reached: `${rounded(size)} MB` },
    ],
    targets: [
      { what: 'start to /readyz, ms', reached: median(starts), most: 800 },
      { what: 'resident after creations, MB', reached: afterRun, most: 120 },
      { what: 'production node_modules, MB', reached: size, most: 60 },
    ],
  }
}
