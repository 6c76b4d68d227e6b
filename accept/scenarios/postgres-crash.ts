// pg-crash: PostgreSQL crashes and recovers, once just after a hold, then under load. No replica exits, callers get only
// documented answers, and 200 again within 3 s after PostgreSQL is back.
import { setTimeout as sleep } from 'node:timers/promises'
import { checkBooks, deadlocks, must, timeUntil, untilSettled } from '../check.ts'
import { create, type Tally } from '../client.ts'
import { startLoad } from '../load.ts'
import { hasExited } from '../replica.ts'
import type { Scenario } from '../scenario.ts'
import { createCustomer, type Replica, startStack } from '../stack.ts'
import { loseHold } from './postgres-crash/lost-hold.ts'

const rate = 10
const wellWithin = 3000
/** It crashes so long at most after the last time, and stays away so long at most. */
const maxUpMilliseconds = 2000
const maxDownMilliseconds = 1500

export const pgCrash: Scenario = async ({ short }) => {
  const crashes = short ? 3 : 10
  const stack = await startStack({ replicas: 2 })
  const customer = await createCustomer(stack.db, { rate })
  const poor = await createCustomer(stack.db, { credits: 30 * rate, rate })
  const tally: Tally = {}
  const lostRoomGone = await loseHold(stack, tally)
  const load = startLoad(stack, { customers: [customer, customer, poor], clients: 24, pauseMilliseconds: 200, tally })
  const untilWell = (replica: Replica) => {
    const isWell = async () => {
      must(!(await hasExited(replica)), 'a replica has exited')
      return (await create(replica.url, customer, { tally })).status === 200
    }
    return timeUntil(isWell, wellWithin, 'a replica does not create sessions again')
  }

  const wellAfter: number[] = []
  for (let crash = 0; crash < crashes; crash++) {
    await sleep(Math.random() * maxUpMilliseconds)
    must((await deadlocks(stack)) === 0, 'PostgreSQL met a deadlock')
    stack.postgres.kill('SIGQUIT')
    await stack.postgres.exited
    await sleep(Math.random() * maxDownMilliseconds)
    await stack.restartPostgres()
    wellAfter.push(...(await Promise.all(stack.replicas.map(untilWell))))
  }
  await load.stop()
  const settled = await untilSettled(stack)
  await lostRoomGone()
  const judged = await load.judge()
  for (const replica of stack.replicas) must(!(await hasExited(replica)), 'a replica has exited')
  must(!tally[0], `${tally[0]} connections broke`)
  must(!tally[500], `${tally[500]} times LiveKit was blamed`)
  await checkBooks(stack, tally)
  await stack.stop()
  return { crashes, ...judged, slowest_recovery_ms: Math.max(...wellAfter), ...settled, tally }
}
