// A replica of the service: a process that can be killed and comes back under the same address.
import { setTimeout as sleep } from 'node:timers/promises'
import { freeTcpPort } from '../demo/ports.ts'
import { type RunningProcess, startProcess, tailOf } from '../demo/processes.ts'
import { becomesReady } from '../demo/readiness.ts'
import { buildService, nodeOptions, program } from './build.ts'

const startAttempts = 3

export interface Replica {
  url: string
  port: number
  logFile: string
  process: RunningProcess
  /** Starts it again, after it was killed, under the same address. */
  restart(): Promise<void>
}

/** Starts it with this environment over our own; `script` is another build than the one in dist. */
export async function startReplica(
  environment: Record<string, string>,
  logFile: string,
  script = program,
): Promise<Replica> {
  buildService()
  const port = await freeTcpPort()
  const url = `http://127.0.0.1:${port}`
  const env = { ...process.env, ...environment, PORT: String(port) }

  async function start(): Promise<RunningProcess> {
    for (let attempt = 1; ; attempt++) {
      const service = await startProcess({
        name: 'service',
        command: process.execPath,
        args: [...nodeOptions, script],
        env,
        logFile,
        farewell: [['SIGTERM', 5000]],
      })
      const isReady = async () => (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) })).ok
      if (await becomesReady(service, isReady)) return service
      await service.stop()
      // Somebody else's connection may have taken the port while nobody listened on it.
      if (attempt === startAttempts) throw new Error(`the service does not become ready. ${tailOf(logFile)}`)
      await sleep(attempt * 500)
    }
  }

  const replica: Replica = {
    url,
    port,
    logFile,
    process: await start(),
    async restart() {
      replica.process = await start()
    },
  }
  return replica
}

/** Whether its process has ended. */
export const hasExited = ({ process: { exited } }: Replica): Promise<boolean> =>
  Promise.race([exited.then(() => true), Promise.resolve(false)])
