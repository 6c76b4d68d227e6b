// Places to run in: so many tasks run at once; one that takes long gives its place to the next, but only so many may do so.
import { setTimeout as sleep } from 'node:timers/promises'

export interface PlaceOptions {
  /** Tasks that run at once. */
  atOnce: number
  /** Tasks beside them that have given their place up. */
  slowAtOnce: number
  promptMilliseconds: number
}

export interface Places {
  free(): number
  /** Resolves when so many places are free. */
  whenFree(count: number): Promise<void>
  /** Runs a task that never fails, in a place that is free. */
  run(task: () => Promise<void>): void
  /** Resolves when no task is under way. */
  idle(): Promise<void>
}

export function createPlaces({ atOnce, slowAtOnce, promptMilliseconds }: PlaceOptions): Places {
  const slow = new Set<Promise<void>>()
  /** What is over when a place is free again. */
  const taken = new Set<Promise<void>>()
  const free = () => atOnce - taken.size

  async function hold(task: Promise<void>): Promise<void> {
    const timer = new AbortController()
    let isOver = false
    const over = task.finally(() => {
      isOver = true
      slow.delete(over)
      timer.abort()
    })
    await sleep(promptMilliseconds, undefined, { signal: timer.signal }).catch(() => {})
    while (!isOver && slow.size >= slowAtOnce) await Promise.race([over, ...slow])
    if (!isOver) slow.add(over)
  }

  return {
    free,
    async whenFree(count) {
      while (free() < count) await Promise.race(taken)
    },
    run(task) {
      const place = hold(task()).finally(() => taken.delete(place))
      taken.add(place)
    },
    async idle() {
      while (taken.size + slow.size > 0) await Promise.all([...taken, ...slow])
    },
  }
}
