// Starts the service itself, as a process of its own.
import { join } from 'node:path'
import { type RunningProcess, startProcess, tailOf } from './processes.ts'
import { becomesReady } from './readiness.ts'

const DIRECTORY = join(import.meta.dirname, '..')

/** Starts it with this environment on top of our own, and answers once it is ready. */
export async function startService(
  url: string,
  environment: Record<string, string>,
  logFile: string,
): Promise<RunningProcess> {
  const service = await startProcess({
    name: 'service',
    command: process.execPath,
    args: ['--import', 'tsx', 'src/server.ts'],
    cwd: DIRECTORY,
    env: { ...process.env, ...environment },
    logFile,
    farewell: [['SIGTERM', 5000]],
  })
  const isReady = async () => (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) })).ok
  if (await becomesReady(service, isReady)) return service
  await service.stop()
  throw new Error(`the service does not become ready. ${tailOf(logFile)}`)
}
