// surroundings: the service is at home where others have set things as they need them. On each kind of database it makes whole calls
// and its books balance; with each kind of neighbour it answers as it should; variables that cannot be right are named.
import { createDatabase } from '../../src/repositories/database.ts'
import { checkBooks, must } from '../check.ts'
import type { Scenario } from '../scenario.ts'
import { type Stack, startStack } from '../stack.ts'
import { databases, type Prepare } from './surroundings/databases.ts'
import { lookFromOutside, outside, refusesVariables } from './surroundings/outside.ts'
import { makeWholeCall } from './surroundings/whole-call.ts'

async function makeWholeCallIn(stack: Stack, prepare: Prepare): Promise<Record<string, unknown>> {
  const { databaseUrl, variables, close } = await prepare(stack)
  const replica = await stack.startReplica(variables)
  stack.relay.targets = [replica.url]
  const db = createDatabase(databaseUrl)
  try {
    return await makeWholeCall(replica, db)
  } finally {
    await db.destroy()
    await replica.process.stop()
    await close?.()
  }
}

/** Both forms are the same. One after the other, so that each failure is told with its surrounding. */
export const inSurroundings: Scenario = async () => {
  const stack = await startStack({ replicas: 0 })
  const figures: Record<string, unknown> = {}
  const missed: string[] = []
  const attempt = (name: string, work: Promise<unknown>) =>
    work.then(
      (result = 'as it should be') => {
        figures[name] = result
      },
      (error: Error) => missed.push(`${name}: ${error.message}`),
    )
  for (const [name, prepare] of Object.entries(databases)) await attempt(name, makeWholeCallIn(stack, prepare))
  for (const [name, surrounding] of Object.entries(outside)) await attempt(name, lookFromOutside(stack, surrounding))
  await attempt('variables that cannot be right', refusesVariables())
  must(missed.length === 0, missed.join('; '))
  await checkBooks(stack)
  await stack.stop()
  return figures
}
