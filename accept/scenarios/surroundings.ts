// surroundings: the service is at home where others have set things as they need them. In each surrounding of the table it starts,
// makes whole calls, and its books balance.
import { createDatabase } from '../../src/repositories/database.ts'
import { checkBooks, must } from '../check.ts'
import type { Scenario } from '../scenario.ts'
import { type Stack, startStack } from '../stack.ts'
import { databases, type Prepare } from './surroundings/databases.ts'
import { makeWholeCall } from './surroundings/whole-call.ts'

/** Every surrounding by its name, in words. */
const surroundings: Record<string, Prepare> = { ...databases }

async function tryIn(stack: Stack, prepare: Prepare): Promise<Record<string, unknown>> {
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
  for (const [name, prepare] of Object.entries(surroundings)) {
    await tryIn(stack, prepare).then(
      (result) => {
        figures[name] = result
      },
      (error: Error) => missed.push(`${name}: ${error.message}`),
    )
  }
  must(missed.length === 0, missed.join('; '))
  await checkBooks(stack)
  await stack.stop()
  return figures
}
