// model: 1,000 seeded runs of 50 random steps each. The service's own plugins and statements run on a real PostgreSQL under
// simulated time and against a simulated LiveKit; after every step the money must add up and nobody pays too much.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { type RunningPostgres, startPostgres } from '../../demo/postgres.ts'
import type { Scenario, ScenarioOptions } from '../scenario.ts'
import { unsafeSettings } from './model/clock.ts'
import { closeSimulation, openSimulation, run, type Simulation } from './model/run.ts'
import { type Step, step } from './model/steps.ts'

const stepsPerRun = 50
/** So many side by side, each with a database and seeds of its own. */
const simulations = 5
const firstSeed = 20260801

const steps = fc.array(step, { minLength: stepsPerRun, maxLength: stepsPerRun, size: 'max' })

type Replay = NonNullable<ScenarioOptions['replay']>

/** What failed, by which steps, and the command that repeats them. */
function explain(error: unknown, steps: Step[], { seed, path }: Replay): Error {
  const told = JSON.stringify(steps.filter((step) => step.do !== 'pass' || step.with !== 0))
  const command = `npm run accept -- model --seed ${seed} --path ${path}`
  return new Error(`${(error as Error).message}: ${told}. To repeat it: ${command}`, { cause: error })
}

/** Random runs in each simulation; where one fails, it is made as short as it can be. */
async function runMany(all: Simulation[], runs: number): Promise<void> {
  const checks = all.map((simulation, index) => {
    const property = fc.asyncProperty(steps, (steps) => run(simulation, steps))
    return fc.check(property, { numRuns: runs / simulations, seed: firstSeed + index })
  })
  for (const { failed, errorInstance, counterexample, counterexamplePath: path, seed } of await Promise.all(checks))
    if (failed) throw explain(errorInstance, counterexample?.[0] ?? [], { seed, path: path ?? '' })
}

async function runAgain(simulation: Simulation, steps: Step[], replay: Replay): Promise<void> {
  await run(simulation, steps).catch((error) => {
    throw explain(error, steps, replay)
  })
}

/** The steps that fast-check made from this seed, on this path from the first random run to the shortened one. */
function stepsOf({ seed, path }: Replay): Step[] {
  const [sample] = fc.sample(steps, { seed, path, numRuns: 1 })
  if (!sample) throw new Error(`no run is at ${path} of seed ${seed}`)
  return sample
}

async function withPostgres<T>(use: (postgres: RunningPostgres) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'voice-sessions-accept-'))
  const logFile = join(directory, 'postgres.log')
  const postgres = await startPostgres({ directory: join(directory, 'postgres'), logFile, settings: unsafeSettings })
  const result = await use(postgres)
  await postgres.stop()
  // PostgreSQL keeps its data elsewhere where it may not enter our directory.
  for (const path of [postgres.directory, directory]) rmSync(path, { recursive: true, force: true })
  return result
}

export const model: Scenario = async ({ short, replay }) => {
  const repeated = replay && stepsOf(replay)
  return withPostgres(async (postgres) => {
    const opening = Array.from({ length: repeated ? 1 : simulations }, (_, index) => openSimulation(postgres, index))
    const all = await Promise.all(opening)
    if (repeated) await runAgain(all[0] as Simulation, repeated, replay)
    else await runMany(all, short ? 150 : 1000)
    for (const simulation of all) await closeSimulation(simulation)
    const sum = (name: keyof Simulation['figures']) => all.reduce((total, { figures }) => total + figures[name], 0)
    return {
      seeds: replay ? [replay.seed] : all.map((_, index) => firstSeed + index),
      runs: sum('runs'),
      steps: sum('steps'),
      sessions: sum('ended'),
      charged_exactly: sum('exact'),
      charged_a_minute_more: sum('overcharged'),
    }
  })
}
