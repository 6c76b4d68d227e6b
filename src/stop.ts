// How the process ends: by a signal, or by an error that nobody has caught. The first import of the process: a signal that
// comes before somebody listens is lost where the process is the first of a container.

export interface Stop {
  /** Ends what is under way; with the error where one is the reason. */
  end(error?: Error): Promise<void>
  /** Told of an error of the system's that the process survives. */
  survived(error: Error): void
  /** Then the process ends in any case. */
  limitMilliseconds: number
}

/** A signal that comes again so soon is the same one: the terminal sends it to npm and to us, and npm hands it on. */
const repeatMilliseconds = 1000

let stopping: { since: number } | undefined
let stop: Stop = {
  end: async (error) => error && cannotStart(error),
  survived: (error) => cannotStart(error),
  limitMilliseconds: repeatMilliseconds,
}

/** One line on stderr, and exit code 1; unless the process ends already, which is then the reason. */
export function cannotStart(error: Error): void {
  if (stopping) return
  process.stderr.write(`Cannot start: ${error.message.replaceAll(/\s+/g, ' ')}\n`)
  process.exit(1)
}

/** Until it is called nothing is under way: a signal ends the process at once. */
export function stopWith(given: Stop): void {
  stop = given
}

/** Exit code 0, or 1 where an error is the reason or what is under way does not end. */
async function end(error?: Error): Promise<void> {
  if (stopping) {
    if (error || performance.now() - stopping.since > repeatMilliseconds) process.exit(1)
    return
  }
  setTimeout(() => process.exit(1), stop.limitMilliseconds)
  const ending = stop.end(error)
  stopping = { since: performance.now() }
  await ending.catch(() => process.exit(1))
  process.exit(error ? 1 : 0)
}

/**
 * True for what the system refuses, such as a file more than the process may have open, or for a connection that broke. Where a
 * library meets that in a timer or an emitter of its own, nobody can catch it; what the process has in memory is still right.
 */
function isOfSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'errno' in error
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => end())
process.on('uncaughtException', (error) => (isOfSystem(error) ? stop.survived(error) : end(error)))
