// neighbour: one organization has 200 creations in flight; how long another one's takes meanwhile, with the lane in which
// the holds of each organization queue up on a replica, and without.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { program } from '../accept/build.ts'
import { createCustomer } from '../accept/customer.ts'
import type { Replica } from '../accept/replica.ts'
import { service } from './contestants.ts'
import { type Contestant, load, median } from './load.ts'
import { type Outcome, rounded } from './outcome.ts'
import { type Parts, startParts } from './parts.ts'

const root = join(import.meta.dirname, '..')

/** The service as it is built, but with a thousand lanes for each organization; where it is. */
function buildWithoutLanes(): string {
  const copy = join(root, 'node_modules', '.cache', 'without-lanes')
  rmSync(copy, { recursive: true, force: true })
  mkdirSync(join(copy, 'dist'), { recursive: true })
  for (const file of ['openapi.yaml', 'package.json']) cpSync(join(root, file), join(copy, file))
  const source = readFileSync(program, 'utf8')
  const changed = source.replace('holdsPerOrganization = 1;', 'holdsPerOrganization = 1000;')
  if (changed === source) throw new Error(`${program} has no lanes to take away`)
  const script = join(copy, 'dist', 'server.js')
  writeFileSync(script, changed)
  return script
}

/** A contestant whose refusals count as answers: whoever asks for too much may be told so. */
const patient = (contestant: Contestant): Contestant => ({
  ...contestant,
  accepts: (status) => status === 200 || status === 503,
})

async function measure(parts: Parts, replica: Replica, short: boolean) {
  const neighbour = await createCustomer(parts.db)
  const quiet = service(replica, [neighbour])
  const greedy = patient(service(replica, [parts.customer]))
  const [rounds, milliseconds] = short ? [2, 1000] : [5, 3000]
  const idle: number[] = []
  const beside: number[] = []
  await load(quiet, { concurrency: 1, milliseconds: 1000 })
  for (let round = 0; round < rounds; round++) {
    idle.push((await load(quiet, { concurrency: 1, milliseconds })).p50)
    const greed = load(greedy, { concurrency: 200, milliseconds: milliseconds + 1000 })
    await new Promise((resolve) => setTimeout(resolve, 500))
    beside.push((await load(quiet, { concurrency: 1, milliseconds })).p50)
    await greed
    await parts.clean()
  }
  return { idle: median(idle), beside: median(beside) }
}

export async function neighbour({ short }: { short: boolean }): Promise<Outcome> {
  const parts = await startParts()
  const withLanes = await measure(parts, await parts.startService(), short)
  const withoutLanes = await measure(parts, await parts.startService({}, buildWithoutLanes()), short)
  await parts.stop()
  const row = (name: string, { idle, beside }: typeof withLanes) => ({
    name,
    p50_idle_ms: rounded(idle),
    p50_beside_ms: rounded(beside),
    ratio: rounded(beside / idle),
  })
  return {
    rows: [row('a lane for each organization', withLanes), row('without', withoutLanes)],
    targets: [{ what: 'p50 beside a greedy neighbour', reached: withLanes.beside / withLanes.idle, most: 2 }],
  }
}
