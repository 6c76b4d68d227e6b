// The processes that a worker keeps ready for its next calls.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../test/until.ts'

/** A busy machine takes many seconds to start the process of the next agent. */
const processWithin = 60_000

/** Workers that start from now on keep so many processes ready: a busy machine takes seconds to start one. */
export function keepWarm(processes: number): void {
  process.env.IDLE_PROCESSES = String(processes)
}

/** Waits until each worker, whose log is in the directory, has a process ready that no call has taken. */
export async function untilWorkersAreReady(directory: string): Promise<void> {
  const count = (log: string, text: string) => log.split(text).length - 1
  const isReady = async () => {
    const names = readdirSync(directory).filter((name) => /^worker.*\.log$/.test(name))
    const logs = names.map((name) => readFileSync(join(directory, name), 'utf8'))
    return logs.every((log) => count(log, 'a process is ready') > count(log, 'received job request'))
  }
  await until(isReady, processWithin, 'a worker has no process ready')
}
