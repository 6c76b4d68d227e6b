// The stand-in for LiveKit, started and told what it has.
import { join } from 'node:path'
import { freeTcpPort } from '../demo/ports.ts'
import { startProcess, tailOf } from '../demo/processes.ts'
import { becomesReady } from '../demo/readiness.ts'
import type { Calls } from './live-calls.ts'
import { ask } from './load.ts'
import type { Parts } from './parts.ts'

/** What it can be told, and with what. */
export interface Order {
  /** These calls are there from now on. */
  have: Calls
  /** Calls talk for so long from now on: callers and agents come to rooms that are made, and leave; 0: nobody does. */
  talk: { milliseconds: number }
  /** One in so many agents dies, evenly over that time, and no event says so. */
  die: { oneIn: number; milliseconds: number }
  /** Events go to these replicas, in turn. */
  tell: { urls: string[] }
  /** Answers how often each method was called. */
  counts: Record<string, never>
}

export type StandIn = Awaited<ReturnType<typeof startStandIn>>

export async function startStandIn({ environment, log }: Pick<Parts, 'environment' | 'log'>) {
  const port = await freeTcpPort()
  const url = `http://127.0.0.1:${port}`
  const standIn = await startProcess({
    name: 'livekit stand-in',
    command: process.execPath,
    args: ['--import', 'tsx', join(import.meta.dirname, 'livekit-standin.ts')],
    env: { ...process.env, ...environment, PORT: String(port) },
    logFile: log('standin'),
  })
  const isReady = async () => (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok
  if (!(await becomesReady(standIn, isReady))) throw new Error(`the stand-in does not start. ${tailOf(log('standin'))}`)
  return {
    url: url.replace('http', 'ws'),
    async tell<Name extends keyof Order>(name: Name, order: Order[Name]): Promise<Record<string, number>> {
      const headers = { 'content-type': 'application/json' }
      return JSON.parse((await ask(url, { path: `/standin/${name}`, headers, body: JSON.stringify(order) })).text)
    },
    stop: () => standIn.stop(),
  }
}
