// Failures that come in numbers, such as those of all rooms of a dead node: one line of log tells all that came within a while.
import type { FastifyBaseLogger } from 'fastify'

/** The reaper's round takes as long. */
const gatherMilliseconds = 5000
const namesTold = 3

export interface Failures {
  add(roomName: string, err: unknown): void
  /** Writes what was gathered. */
  tell(): void
}

/** `sentence` is what has failed, for instance `rooms not deleted`. */
export function createFailures(log: FastifyBaseLogger, sentence: string): Failures {
  let gathered: { count: number; room_names: string[]; err: unknown } | undefined
  let timer: NodeJS.Timeout | undefined

  function tell(): void {
    clearTimeout(timer)
    if (gathered) log.warn(gathered, sentence)
    gathered = undefined
  }

  return {
    add(roomName, err) {
      if (!gathered) {
        gathered = { count: 0, room_names: [], err }
        timer = setTimeout(tell, gatherMilliseconds).unref()
      }
      gathered.count++
      if (gathered.room_names.length < namesTold) gathered.room_names.push(roomName)
    },
    tell,
  }
}
