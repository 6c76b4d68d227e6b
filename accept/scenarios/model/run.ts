// One run of the model: random steps, then quiet, until everything that was begun is over.
import { sql } from 'kysely'
import type { RunningPostgres } from '../../../demo/postgres.ts'
import { findDifferences } from '../../../src/repositories/audit.ts'
import { must } from '../../check.ts'
import { act } from './acts.ts'
import { openSimulated, type SimulatedDatabase } from './clock.ts'
import { createCustomers } from './customer.ts'
import { Ledger } from './ledger.ts'
import { type Replica, type Surroundings, startReplica } from './replica.ts'
import type { Step } from './steps.ts'
import { World } from './world.ts'

/** Within so much quiet time everything that was begun must be over. */
const settledWithin = 6 * 60_000

/** What runs take place in, one after the other: a database and two replicas. */
export interface Simulation {
  database: SimulatedDatabase
  replicas: Replica[]
  surroundings: Surroundings
  figures: { runs: number; steps: number; ended: number; exact: number; overcharged: number }
}

export async function openSimulation(postgres: RunningPostgres, index: number): Promise<Simulation> {
  const surroundings = {} as Surroundings
  return {
    database: await openSimulated(postgres, `simulation_${index}`),
    surroundings,
    replicas: [await startReplica(surroundings), await startReplica(surroundings)],
    figures: { runs: 0, steps: 0, ended: 0, exact: 0, overcharged: 0 },
  }
}

export async function closeSimulation({ database, replicas }: Simulation): Promise<void> {
  for (const { app } of replicas) await app.close()
  await database.db.destroy()
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

/** Throws where something is not as it must be. */
export async function run({ database, replicas, surroundings, figures }: Simulation, steps: Step[]): Promise<void> {
  await sql`TRUNCATE organizations, api_keys, agents, credit_grants, voice_sessions, participants,
    webhook_endpoints, events, webhook_deliveries`.execute(database.db)
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
