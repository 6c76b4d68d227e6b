// How a connection comes in: it is counted, and handed to the HTTP server when its first byte has come.
import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { getHeapStatistics } from 'node:v8'
import { firstByteMilliseconds } from './timings.ts'

/** Of the files and of the memory that the process may have, so much may be connections of callers; the rest is its own. */
const share = 0.5
/** What a connection takes whose headers have come almost as far as they may: measured 26 KB. */
const socketBytes = 32 * 1024
/** Who has just come has so long to speak, before it gives way sooner than those that wait for their next request. */
const speakMilliseconds = 1000

export interface Door {
  /** Those that are open, the oldest first. */
  readonly sockets: ReadonlySet<Socket>
  /** Closes those that have said nothing yet, and each that still comes. */
  shut(): void
}

/** How many files this process may have open; Infinity where the system does not tell. */
export function maxOpenFiles(path = '/proc/self/limits'): number {
  try {
    const [, count] = /^Max open files +(\d+)/m.exec(readFileSync(path, 'utf8')) ?? []
    return count === undefined ? Number.POSITIVE_INFINITY : Number(count)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

/** How many connections of callers there may be, for so many files and so much memory. */
export function maxConnections(files = maxOpenFiles(), heapBytes = getHeapStatistics().heap_size_limit): number {
  return Math.floor(Math.min(files, heapBytes / socketBytes) * share)
}

/**
 * Stands before the server's own way to take a connection, whose time for a request would begin before its first byte.
 * `isBusy`: a request of this connection is worked on.
 */
export function createDoor(server: Server, isBusy: (socket: Socket) => boolean, maxSockets = maxConnections()): Door {
  const [serve] = server.listeners('connection') as [(socket: Socket) => void]
  const sockets = new Set<Socket>()
  /** When each of those came that have said nothing yet. */
  const silent = new Map<Socket, number>()
  let isShut = false

  function forget(socket: Socket): void {
    sockets.delete(socket)
    silent.delete(socket)
  }

  function oldestSilent(): Socket | undefined {
    const [[socket, since] = []] = silent
    return since !== undefined && performance.now() - since > speakMilliseconds ? socket : undefined
  }

  /** Where there are as many as there may be, one gives way: the oldest that stays silent, or else that is not worked for. */
  function makeWay(): boolean {
    if (sockets.size < maxSockets) return true
    const first = oldestSilent() ?? [...sockets].find((socket) => !isBusy(socket))
    if (first === undefined) return false
    forget(first.destroy())
    return true
  }

  function accept(socket: Socket): void {
    const giveUp = () => socket.destroy()
    if (isShut || !makeWay()) {
      giveUp()
      return
    }
    sockets.add(socket)
    silent.set(socket, performance.now())
    socket.on('error', () => {}).on('close', () => forget(socket))
    socket.setTimeout(firstByteMilliseconds, giveUp)
    socket.once('readable', () => {
      silent.delete(socket)
      socket.setTimeout(0, giveUp)
      if (socket.readableLength > 0) serve.call(server, socket)
      else giveUp()
    })
  }

  server.removeListener('connection', serve)
  server.on('connection', accept)
  return {
    sockets,
    shut() {
      isShut = true
      for (const socket of silent.keys()) socket.destroy()
    },
  }
}
