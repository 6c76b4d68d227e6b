// Where the log goes: stdout, without ever waiting for whoever reads it. What a reader that stalls leaves unread, or a full
// disk refuses, is dropped, and it is said how much.
import { constants, fstatSync, openSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { isatty } from 'node:tty'

/** A thousand lines wait for a reader. */
const maxWaitingBytes = 256 * 1024

export interface Lines {
  write(line: string): void
  /** Resolves when all is read, or when nobody has read it for so long. */
  end(milliseconds: number): Promise<void>
}

/** The line that stands where others are missing, as pino would write it. */
const missing = (count: number) =>
  `${JSON.stringify({ level: 40, time: Date.now(), msg: `${count} lines of log were dropped: stdout did not take them` })}\n`

/** A pipe or a socket: Node writes it in the background. */
function toReader(fd: number): Lines {
  const socket = new Socket({ fd, readable: false, writable: true })
  let dropped = 0
  // The reader has gone; that is no reason to stop.
  socket.on('error', () => {})
  socket.on('drain', () => {
    if (dropped > 0) socket.write(missing(dropped))
    dropped = 0
  })
  return {
    write(line) {
      if (socket.writableLength < maxWaitingBytes) socket.write(line)
      else dropped++
    },
    async end(milliseconds) {
      await Promise.race([new Promise<void>((resolve) => socket.end(resolve)), sleep(milliseconds)])
    },
  }
}

/** How often a terminal that took nothing more is tried again. */
const retryMilliseconds = 20

/** A terminal, which takes what it has room for: one that is held (Ctrl-S), or whose window hangs, has none. */
function toTerminal(fd: number): Lines {
  let waiting = Buffer.alloc(0)
  let dropped = 0
  let timer: NodeJS.Timeout | undefined

  function flush(): void {
    timer = undefined
    try {
      while (waiting.length > 0) waiting = waiting.subarray(writeSync(fd, waiting))
      if (dropped > 0) waiting = Buffer.from(missing(dropped))
      dropped = 0
    } catch (error) {
      // It has gone; that is no reason to stop.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') waiting = Buffer.alloc(0)
    }
    if (waiting.length > 0) timer = setTimeout(flush, retryMilliseconds)
  }

  return {
    write(line) {
      if (waiting.length < maxWaitingBytes) waiting = Buffer.concat([waiting, Buffer.from(line)])
      else dropped++
      if (timer === undefined) flush()
    },
    async end(milliseconds) {
      const deadline = performance.now() + milliseconds
      while (waiting.length > 0 && performance.now() < deadline) await sleep(retryMilliseconds)
    },
  }
}

/**
 * The same terminal, opened once more, so that writing does not wait, and whoever else has it is left as they are. Undefined where
 * the system does not allow it.
 */
function reopen(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    return undefined
  }
}

/** A file, which takes a line at once or refuses it. */
function toFile(fd: number): Lines {
  let dropped = 0
  return {
    write(line) {
      try {
        if (dropped > 0) writeSync(fd, `\n${missing(dropped)}`)
        dropped = 0
        writeSync(fd, line)
      } catch {
        dropped++
      }
    },
    end: async () => {},
  }
}

export function openLines(fd = 1): Lines {
  const terminal = isatty(fd) ? reopen(fd) : undefined
  if (terminal !== undefined) return toTerminal(terminal)
  const kind = fstatSync(fd)
  if (!kind.isFIFO() && !kind.isSocket()) return toFile(fd)
  try {
    return toReader(fd)
  } catch (cause) {
    // A socket of datagrams, for one.
    throw new Error(`stdout cannot be written to: ${(cause as Error).message}`, { cause })
  }
}
