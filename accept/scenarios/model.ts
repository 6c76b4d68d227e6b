// model: 1,000 seeded runs of 50 random steps each. The service's own plugins and statements run on a real PostgreSQL under
// simulated time and against a simulated LiveKit; after every step the money must add up and nobody pays too much.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { sql } from 'kysely'
import { type RunningPostgres, startPostgres } from '../../demo/postgres.ts'
import { findDifferences } from '../../src/repositories/audit.ts'
import { must } from '../check.ts'
import type { Scenario } from '../run.ts'
import { act } from './model/acts.ts'
import { openSimulated, type SimulatedDatabase, unsafeSettings } from './model/clock.ts'
import { createCustomers } from './model/customer.ts'
import { Ledger } from './model/ledger.ts'
import { type Replica, type Surroundings, startReplica } from './model/replica.ts'
import { type Step, step } from './model/steps.ts'
import { World } from './model/world.ts'

const stepsPerRun = 50
/** Runs side by side, each lane with a database and seeds of its own. */
const lanes = 5
const firstSeed = 20260801
/** Within so much quiet time everything that was begun must be over. */
const settledWithin = 6 * 60_000

interface Lane {
  seed: number
  database: SimulatedDatabase
  replicas: Replica[]
  surroundings: Surroundings
  figures: { runs: number; steps: number; ended: number; exact: number; overcharged: number }
}

/** All faults are over and all callers have left: what is open must end, and LiveKit must be empty. */
async function comeToRest(world: World, ledger: Ledger): Promise<void> {
  const { livekit } = world
  livekit.isOut = false
  livekit.skew = 0
  world.post.trouble.count = 0
  while (world.hasPaused) await world.resume(0)
  for (const room of livekit.rooms.values())
    for (const guest of room.guests) if (!guest.isAgent && !room.isLost) livekit.leave(room, guest)
  const deadline = world.clock.now + settledWithin
  const isEmpty = () => [...livekit.rooms.values()].every((room) => room.isLost)
  do {
    await world.pass(30_000)
    await ledger.check()
  } while ((ledger.openSessions > 0 || !isEmpty()) && world.clock.now < deadline)
  must(ledger.openSessions === 0, `${ledger.openSessions} sessions are open after ${settledWithin} ms of quiet`)
  must(isEmpty(), 'rooms of ended sessions are left')
  must((await world.query(findDifferences)).length === 0, 'the audit finds a difference')
}

async function run({ database, replicas, surroundings, figures }: Lane, steps: Step[]): Promise<void> {
  await sql`TRUNCATE organizations, api_keys, agents, credit_grants, voice_sessions, participants`.execute(database.db)
  const world = new World(database, replicas, surroundings)
  world.customers.push(...(await world.query(createCustomers)))
  const ledger = new Ledger(world)
  await ledger.check()
  for (const step of steps) {
    await act(world, step)
    await ledger.check()
    figures.steps++
  }
  await comeToRest(world, ledger)
  figures.runs++
  figures.ended += ledger.ended
  figures.exact += ledger.exact
  figures.overcharged += ledger.overcharged
}

/** What failed, the fewest steps that still fail so, and how to have the run again. */
function explain({ errorInstance, counterexample, counterexamplePath, seed }: fc.RunDetails<[Step[]]>): string {
  const steps = counterexample?.[0].filter((step) => step.do !== 'pass' || step.with !== 0)
  return `${(errorInstance as Error)?.message}: ${JSON.stringify(steps)} (seed ${seed}, path ${counterexamplePath})`
}

async function startLane(postgres: RunningPostgres, index: number): Promise<Lane> {
  const surroundings = {} as Surroundings
  return {
    seed: firstSeed + index,
    database: await openSimulated(postgres, `lane_${index}`),
    surroundings,
    replicas: [await startReplica(surroundings), await startReplica(surroundings)],
    figures: { runs: 0, steps: 0, ended: 0, exact: 0, overcharged: 0 },
  }
}

export const model: Scenario = async ({ short }) => {
  const runs = short ? 150 : 1000
  const directory = mkdtempSync(join(tmpdir(), 'voice-sessions-accept-'))
  const logFile = join(directory, 'postgres.log')
  const postgres = await startPostgres({ directory: join(directory, 'postgres'), logFile, settings: unsafeSettings })
  const opening = Array.from({ length: lanes }, (_, index) => startLane(postgres, index))
  const all = await Promise.all(opening)

  const steps = fc.array(step, { minLength: stepsPerRun, maxLength: stepsPerRun, size: 'max' })
  const checks = all.map((lane) => {
    const property = fc.asyncProperty(steps, (steps) => run(lane, steps))
    return fc.check(property, { numRuns: runs / lanes, seed: lane.seed })
  })
  for (const result of await Promise.all(checks)) if (result.failed) throw new Error(explain(result))

  const sum = (name: keyof Lane['figures']) => all.reduce((total, { figures }) => total + figures[name], 0)
  for (const { database, replicas } of all) {
    for (const { app } of replicas) await app.close()
    await database.db.destroy()
  }
  await postgres.stop()
  // PostgreSQL keeps its data elsewhere where it may not enter our directory.
  for (const path of [postgres.directory, directory]) rmSync(path, { recursive: true, force: true })
  return {
    seeds: all.map(({ seed }) => seed),
    runs: sum('runs'),
    steps: sum('steps'),
    sessions: sum('ended'),
    charged_exactly: sum('exact'),
    charged_a_minute_more: sum('overcharged'),
  }
}
