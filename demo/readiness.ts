// Waits for a process that was started to become useful.
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningProcess } from './processes.ts'

const POLL_MS = 25
/** A busy machine takes many times what an idle one does. One that ends is not waited for. */
const START_TIMEOUT_MS = 120_000

/** Asks until the answer is yes; false when the process has ended or the time is up. A failure to ask is a no. */
export async function becomesReady(
  { exited }: RunningProcess,
  isReady: () => Promise<boolean>,
  timeoutMs = START_TIMEOUT_MS,
): Promise<boolean> {
  const ended = exited.then(() => true)
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(POLL_MS)) {
    if (await isReady().catch(() => false)) return true
    if (await Promise.race([ended, false])) return false
  }
  return false
}
