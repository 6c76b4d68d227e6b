// Starts examples/agent-worker, the same program that users copy.
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { freeTcpPort } from './ports.ts'
import { type RunningProcess, startProcess, tailOf } from './processes.ts'
import { becomesReady } from './readiness.ts'

const DIRECTORY = join(import.meta.dirname, '..', 'examples', 'agent-worker')

export interface WorkerOptions {
  livekitUrl: string
  apiKey: string
  apiSecret: string
  agentName: string
  logFile: string
}

/** Starts it and answers once it is registered with LiveKit and has a process waiting for a call. */
export async function startWorker(options: WorkerOptions): Promise<RunningProcess> {
  const healthPort = await freeTcpPort()
  const logStart = statSync(options.logFile, { throwIfNoEntry: false })?.size ?? 0
  // LOG_LEVEL is the service's, and knows levels that the worker does not.
  const { LOG_LEVEL: _, ...environment } = process.env
  const worker = await startProcess({
    name: 'worker',
    command: process.execPath,
    args: ['--import', 'tsx', 'worker.ts', 'start'],
    cwd: DIRECTORY,
    env: {
      ...environment,
      LIVEKIT_URL: options.livekitUrl,
      LIVEKIT_API_KEY: options.apiKey,
      LIVEKIT_API_SECRET: options.apiSecret,
      LIVEKIT_AGENT_NAME: options.agentName,
      HEALTH_PORT: String(healthPort),
    },
    logFile: options.logFile,
    // It lets its calls end first, for which nobody waits here.
    farewell: [['SIGTERM', 1000]],
  })
  const isReady = async () => {
    const { ok } = await fetch(`http://127.0.0.1:${healthPort}/`, { signal: AbortSignal.timeout(2000) })
    return ok && readFileSync(options.logFile).includes('ready for a call', logStart)
  }
  if (await becomesReady(worker, isReady)) return worker
  await worker.stop()
  throw new Error(`the worker did not register with ${options.livekitUrl}. ${tailOf(options.logFile)}`)
}
