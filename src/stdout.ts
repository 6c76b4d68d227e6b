// Where the log goes: stdout, without ever waiting for whoever reads it. What a reader that stalls leaves unread, or a full
// disk refuses, is dropped, and it is said how much.
import { fstatSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

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

/** A file or a terminal, which takes a line at once or refuses it. */
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
  const kind = fstatSync(fd)
  return kind.isFIFO() || kind.isSocket() ? toReader(fd) : toFile(fd)
}
