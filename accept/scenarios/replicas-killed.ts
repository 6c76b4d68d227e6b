// kill: replicas are killed at random moments under load. No credit is lost or invented at any moment, nothing stays open or
// in LiveKit, and every key keeps giving the session that it gave.
import { setTimeout as sleep } from 'node:timers/promises'
import { findDifferences } from '../../src/repositories/audit.ts'
import { checkBooks, must, untilSettled } from '../check.ts'
import type { Tally } from '../client.ts'
import { killAll } from '../kills.ts'
import { startLoad } from '../load.ts'
import type { Scenario } from '../scenario.ts'
import { createCustomer, type Stack, startStack } from '../stack.ts'

const rate = 10
const snapshotMilliseconds = 100

/** Looks at the books again and again, each time in one snapshot, until it is told to stop; how often it did. */
function watchBooks(stack: Stack): { watching: Promise<number>; stop(): void } {
  let isStopping = false
  const watch = async () => {
    let snapshots = 0
    for (; !isStopping; snapshots++) {
      const next = sleep(snapshotMilliseconds)
      const differences = await findDifferences(stack.db)
      must(differences.length === 0, `the books did not balance under load: ${JSON.stringify(differences)}`)
      await next
    }
    return snapshots
  }
  const stop = () => {
    isStopping = true
  }
  return { watching: watch(), stop }
}

export const kill: Scenario = async ({ short }) => {
  const kills = short ? 10 : 100
  const stack = await startStack({ replicas: 2 })
  const rich = await createCustomer(stack.db, { rate })
  const poor = await createCustomer(stack.db, { credits: 30 * rate, rate })
  const tally: Tally = {}
  const load = startLoad(stack, { customers: [rich, rich, poor], clients: 24, pauseMilliseconds: 300, tally })
  const books = watchBooks(stack)

  async function run() {
    const startedAt = performance.now()
    await killAll(stack.replicas, kills)
    await load.stop()
    const load_s = Math.round((performance.now() - startedAt) / 1000)
    const settled = await untilSettled(stack)
    books.stop()
    return { load_s, ...settled }
  }
  const [figures, snapshots] = await Promise.all([run(), books.watching])
  const judged = await load.judge()
  await checkBooks(stack, tally)
  await stack.stop()
  return { kills, snapshots, ...figures, ...judged, tally }
}
