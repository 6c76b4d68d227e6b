// A caller's connection dies, and LiveKit notices it 20 s later; the caller comes back, twice, and dies once more. The 20 s are
// given back once, for the last time: of a connection that was resumed half may have been alive.
import type { RunningProcess } from '../../../demo/processes.ts'
import { until } from '../../../test/until.ts'
import type { Joinable } from '../../calls.ts'
import { startCaller } from './caller.ts'
import { mustBill, secondsAfter, secondsSince, sessionWithAgent, untilTogether, type World } from './world.ts'

/** Seconds, as in src/timings.ts. */
const connectionLoss = 20
const lives = 3

/** Joins, freezes after so many seconds, and is removed by LiveKit; the seconds from the one to the other. */
async function liveOnce(world: World, session: Joinable, caller: RunningProcess, seconds: number): Promise<number> {
  caller.kill('SIGUSR2')
  const since = await untilTogether(world, session)
  await secondsAfter(since, seconds)
  caller.kill('SIGSTOP')
  const isNoticed = async () => (await world.stack.rooms.listParticipants(session.roomName)).length === 1
  await until(isNoticed, 90_000, 'LiveKit does not notice that the caller is gone')
  const talked = secondsSince(since)
  caller.kill('SIGKILL')
  return talked
}

export async function lostConnections(world: World, seconds: number) {
  const session = await sessionWithAgent(world)
  const callers = await Promise.all(Array.from({ length: lives }, () => startCaller(world.stack.directory, session)))
  const talks: number[] = []
  for (const caller of callers) talks.push(await liveOnce(world, session, caller, seconds))
  const talked = talks.reduce((sum, talk) => sum + talk, -connectionLoss)
  const { seconds_billed } = await mustBill(world, session, { talked, end_reason: 'caller_left', less: 4, more: 4 })
  return { connected_s: talks.map(Math.round), billed_s: seconds_billed }
}
