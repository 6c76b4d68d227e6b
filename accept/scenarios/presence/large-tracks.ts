// A caller publishes a track whose name is so large that neither LiveKit's events about it nor its list of participants can be
// read: the call is ended and says why, and the service's memory stays bounded.
import { readFileSync } from 'node:fs'
import { createSession, untilEnded } from '../../calls.ts'
import { must } from '../../check.ts'
import { createCustomer } from '../../stack.ts'
import { startCaller } from './caller.ts'
import { secondsSince, type World } from './world.ts'

/** Bytes by which such calls may make the service's memory grow at most. */
const growsBy = 150 * 1024 * 1024

/** The most memory that the replica's process has ever had, in bytes. */
function peakMemory({ stack }: World): number {
  const status = readFileSync(`/proc/${stack.replicas[0]?.process.pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}

export async function largeTrack(world: World, nameBytes: number) {
  const customer = await createCustomer(world.stack.db)
  // An agent would be told of the track, too.
  world.agents.refused.add(customer.agentId)
  const session = await createSession(world.stack, customer, world.tally)
  const caller = await startCaller(world.stack.directory, session, nameBytes)
  const before = peakMemory(world)
  const since = Date.now()
  caller.kill('SIGUSR2')
  const { end_reason } = await untilEnded(world.stack, session, 120_000)
  const ended_after_s = Math.round(secondsSince(since))
  await caller.stop()
  must(end_reason === 'track_too_large', `it ended as ${end_reason} after ${ended_after_s} s`)
  const grown = peakMemory(world) - before
  must(grown < growsBy, `the service's memory grew by ${grown} bytes`)
  return { name_bytes: nameBytes, ended_after_s, grown_mib: Math.round(grown / 1024 / 1024) }
}
