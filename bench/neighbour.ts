// neighbour: one organization has 200 creations in flight; how long another one's takes meanwhile, with the lane in which
// the holds of each organization wait on a replica, and without.
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { program } from '../accept/build.ts'
import { createCustomer } from '../accept/customer.ts'
import type { Replica } from '../accept/replica.ts'
import { service } from './contestants.ts'
import { medians, playRounds } from './figures.ts'
import { load } from './load.ts'
import type { Outcome } from './outcome.ts'
import { type Parts, startParts } from './parts.ts'

/** The service as it is built, but with a thousand lanes for each organization; where it is. */
function buildWithoutLanes(): string {
  const source = readFileSync(program, 'utf8')
  const changed = source.replace('holdsPerOrganization = 1;', 'holdsPerOrganization = 1000;')
  if (changed === source) throw new Error(`${program} has no lanes to take away`)
  const script = program.replace('server.js', 'without-lanes.js')
  writeFileSync(script, changed)
  return script
}

async function measure(parts: Parts, replica: Replica, short: boolean) {
  const quiet = service(replica, [await createCustomer(parts.db)])
  // Whoever asks for too much may be refused: that is an answer, too.
  const greedy = { ...service(replica, [parts.customer]), accepts: [200, 503] }
  const [count, milliseconds] = short ? [2, 1000] : [5, 3000]
  const rounds = await playRounds(count, async () => {
    const idle = await load(quiet, 1, milliseconds)
    const greed = load(greedy, 200, milliseconds + 1000)
    await sleep(500)
    const beside = await load(quiet, 1, milliseconds)
    await greed
    await parts.clean()
    return { p50_idle_ms: idle.p50, p50_beside_ms: beside.p50 }
  })
  const figures = medians(rounds)
  return { ...figures, ratio: figures.p50_beside_ms / figures.p50_idle_ms }
}

export async function neighbour({ short }: { short: boolean }): Promise<Outcome> {
  const parts = await startParts()
  const withLanes = await measure(parts, await parts.startService(), short)
  const withoutLanes = await measure(parts, await parts.startService({}, buildWithoutLanes()), short)
  await parts.stop()
  return {
    rows: [
      { name: 'a lane for each organization', ...withLanes },
      { name: 'without', ...withoutLanes },
    ],
    targets: [{ what: 'p50 beside a greedy neighbour', reached: withLanes.ratio, most: 2 }],
  }
}
