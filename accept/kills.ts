// Replicas are killed at random moments, and come back.
import { setTimeout as sleep } from 'node:timers/promises'
import { must } from './check.ts'
import type { Replica } from './stack.ts'

/** A killed replica lives so long at most, once it is back. */
const maxLifeMilliseconds = 4000

/** Resolves when they were killed so often, all together, and are back. */
export async function killAll(replicas: Replica[], kills: number): Promise<void> {
  let left = kills
  async function killAgainAndAgain(replica: Replica): Promise<void> {
    while (left-- > 0) {
      await sleep(Math.random() * maxLifeMilliseconds)
      replica.process.kill('SIGKILL')
      must((await replica.process.exited) === 'signal SIGKILL', 'a replica ended by itself')
      await replica.restart()
    }
  }
  await Promise.all(replicas.map(killAgainAndAgain))
}
