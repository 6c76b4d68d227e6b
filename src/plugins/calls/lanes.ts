// Lanes: of the tasks under one name only so many run at once; the others wait, for a limited time or as long as it takes. So
// a name with many tasks does not keep the other names waiting.
import { ServiceUnavailable } from '../../errors.ts'

export interface LaneOptions {
  /** Tasks that run at once under one name. */
  perName: number
  /** Where there is none, nobody is refused. */
  maxWaitMilliseconds?: number
}

interface Line {
  running: number
  waiting: Set<() => void>
}

/** Runs the task when its turn has come; ServiceUnavailable where that takes too long. */
export type Lanes = <Result>(name: string, task: () => Promise<Result>) => Promise<Result>

export function createLanes({ perName, maxWaitMilliseconds }: LaneOptions): Lanes {
  const lines = new Map<string, Line>()

  const turn = ({ waiting }: Line) =>
    new Promise<void>((resolve, reject) => {
      const begin = () => {
        clearTimeout(timer)
        waiting.delete(begin)
        resolve()
      }
      const refuse = () => {
        waiting.delete(begin)
        reject(new ServiceUnavailable({ cause: new Error('too many requests of one organization') }))
      }
      const timer = maxWaitMilliseconds === undefined ? undefined : setTimeout(refuse, maxWaitMilliseconds)
      waiting.add(begin)
    })

  return async (name, task) => {
    const line = lines.get(name) ?? { running: 0, waiting: new Set() }
    lines.set(name, line)
    // Whoever leaves a lane gives it to the first of those who wait.
    if (line.running < perName) line.running++
    else await turn(line)
    try {
      return await task()
    } finally {
      const [next] = line.waiting
      if (next) next()
      else if (--line.running === 0) lines.delete(name)
    }
  }
}
