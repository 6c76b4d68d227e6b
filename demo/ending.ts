// The ways in which somebody ends the demo.
import { identityOf, parentOf } from './process-identity.ts'

/** Elsewhere it takes a process to look at a process. */
const CHECK_INTERVAL_MS = process.platform === 'linux' ? 250 : 2000
/** npm starts a shell, which may start tsx, which starts us. */
const GENERATIONS = 4

export interface End {
  reason: string
  /** What a shell expects of a process that was interrupted before it was done. */
  exitCode: number
}

/**
 * Settles when a signal asks for the end, or when npm has gone: a signal that is sent to npm alone does not always reach
 * us, and nobody could end by Ctrl-C what npm left behind.
 */
export function askedToEnd(): Promise<End> {
  return new Promise((resolve) => {
    const listen = (signal: NodeJS.Signals, exitCode: number) => {
      process.on(signal, () => resolve({ reason: signal, exitCode }))
    }
    listen('SIGHUP', 129)
    listen('SIGINT', 130)
    listen('SIGTERM', 143)
    const ancestors = upToNpm()
    const timer = setInterval(() => {
      if (ancestors.some(({ pid, identity }) => identityOf(pid) !== identity)) {
        resolve({ reason: 'npm has gone', exitCode: 143 })
      }
    }, CHECK_INTERVAL_MS)
    timer.unref()
  })
}

/** The processes between npm and us, npm included; none when npm did not start us. */
function upToNpm(): { pid: number; identity: string | undefined }[] {
  if (process.env.npm_lifecycle_event === undefined) return []
  const ancestors = []
  let pid = process.ppid
  for (let generation = 0; generation < GENERATIONS && pid > 1; generation += 1) {
    const identity = identityOf(pid)
    ancestors.push({ pid, identity })
    if (identity?.includes('npm')) return ancestors
    pid = parentOf(pid)
  }
  return []
}
