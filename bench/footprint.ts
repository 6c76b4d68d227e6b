// footprint: how soon the service is ready, what memory it takes after a run of creations, and what its packages weigh.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { service } from './contestants.ts'
import { median } from './figures.ts'
import { load } from './load.ts'
import { type Outcome, rounded } from './outcome.ts'
import { startParts } from './parts.ts'
import { residentOf } from './processes.ts'

/** MB that the packages in the image take on disk: those of production, without their source maps. */
function installedSize(): number {
  const cwd = mkdtempSync(join(tmpdir(), 'voice-sessions-footprint-'))
  for (const file of ['package.json', 'package-lock.json'])
    cpSync(join(import.meta.dirname, '..', file), join(cwd, file))
  execFileSync('npm', ['ci', '--omit=dev', '--workspaces=false', '--ignore-scripts'], { cwd, stdio: 'ignore' })
  const answer = execFileSync('du', ['-sk', '--exclude=*.map', 'node_modules'], { cwd, encoding: 'utf8' })
  rmSync(cwd, { recursive: true })
  return (Number.parseInt(answer, 10) * 1024) / 1e6
}

export async function footprint({ short }: { short: boolean }): Promise<Outcome> {
  const parts = await startParts()
  const replica = await parts.startService()
  const other = await parts.startService()
  /** From the start of the process to 200 on /readyz, which is asked every 25 ms. */
  const startMilliseconds: number[] = []
  while (startMilliseconds.length < (short ? 3 : 7)) {
    await other.process.stop()
    const startedAt = performance.now()
    await other.restart()
    startMilliseconds.push(performance.now() - startedAt)
  }
  await other.process.stop()
  const start = median(startMilliseconds)
  const atRest = residentOf(replica.process.pid)
  await load(service(replica, parts.customers), 16, short ? 2000 : 20_000)
  const afterwards = residentOf(replica.process.pid)
  await parts.stop()
  const size = installedSize()
  return {
    rows: [
      { what: 'start to /readyz', reached: `${Math.round(start)} ms` },
      { what: 'resident memory at rest', reached: `${rounded(atRest)} MB` },
      { what: 'resident memory after creations', reached: `${rounded(afterwards)} MB` },
      { what: 'production node_modules', reached: `${rounded(size)} MB` },
    ],
    targets: [
      { what: 'start to /readyz, ms', reached: start, most: 800 },
      { what: 'resident after creations, MB', reached: afterwards, most: 120 },
      { what: 'production node_modules, MB', reached: size, most: 60 },
    ],
  }
}
