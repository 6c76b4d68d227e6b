// crash-points: the process dies at each point of a create and of an end, with and without a client that repeats the
// request; or it only loses an answer there. What is left is what the design says, and it is repaired in time.
import { checkBooks, must, untilSettled } from '../check.ts'
import type { Tally } from '../client.ts'
import { forEachLimited } from '../for-each-limited.ts'
import { type Proxied, startProxied } from '../proxied.ts'
import type { Scenario } from '../scenario.ts'
import { startStack } from '../stack.ts'
import { beginCalls } from './crash-points/all-replicas-down.ts'
import { createPoints, dieCreating } from './crash-points/die-creating.ts'
import { dieEnding, endPoints } from './crash-points/die-ending.ts'
import { loseAnswers, loseLiveKitEvent } from './crash-points/lost-answers.ts'

/** How many replicas may be starting at once. */
const startsAtOnce = 3

type Case = (victim: Proxied) => Promise<number>

export const crashPoints: Scenario = async ({ short }) => {
  // It has parts of its own: no other replica may be there while every replica is down.
  const allDown = await beginCalls({ short })
  const stack = await startStack()
  const tally: Tally = {}
  const missed: string[] = []
  const repaired: Record<string, number> = {}
  const cases: Record<string, Case> = {}
  for (const retries of [true, false]) {
    const how = retries ? ', retried' : ''
    for (const point of createPoints) {
      cases[`${point.name}${how}`] = (victim) => dieCreating({ stack, victim, tally }, point, retries)
    }
    for (const point of endPoints) {
      cases[`${point.name}${how}`] = (victim) => dieEnding({ stack, victim, tally }, point, retries)
    }
  }
  for (const [name, lose] of Object.entries(loseAnswers)) cases[name] = (victim) => lose({ stack, victim, tally })

  const judged: Promise<void>[] = []
  const judge = (name: string, outcome: Promise<number>) => {
    const note = (milliseconds: number) => {
      repaired[name] = milliseconds
    }
    judged.push(outcome.then(note, (error) => void missed.push(`${name}: ${error.message}`)))
  }
  judge("one of LiveKit's events is lost for good", loseLiveKitEvent(stack))
  judge('all replicas are down', allDown())
  // All have started before the first dies: one that starts later could take over what another has left, and die with it.
  const victims = new Map<string, Proxied>()
  await forEachLimited(Object.keys(cases), startsAtOnce, async (name) => {
    victims.set(name, await startProxied(stack))
  })
  for (const [name, victim] of victims) judge(name, (cases[name] as Case)(victim))
  await Promise.all(judged)
  must(missed.length === 0, missed.join('; '))
  const settled = await untilSettled(stack)
  await checkBooks(stack, tally)
  await stack.stop()
  return { points: judged.length, repaired_after_ms: repaired, ...settled, tally }
}
