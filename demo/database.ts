// What the demo's database must have, and whether one that was given can be used.
import { explainTrouble } from '../src/repositories/connection-trouble.ts'
import { createDatabase, terminalConnectionMilliseconds } from '../src/repositories/database.ts'
import { migrate } from '../src/repositories/migrate.ts'
import type { Db } from '../src/repositories/schema.ts'
import { UsageError } from './options.ts'
import { isUsedByOthers, type Seed, seed } from './seed.ts'

export interface FilledDatabase {
  db: Db
  seed: Seed
}

/** Brings the tables to the newest migration, and makes the demo's organizations. */
export async function fillDatabase(url: string, keyFile: string): Promise<FilledDatabase> {
  const db = createDatabase(url, { connectionTimeoutMillis: terminalConnectionMilliseconds })
  await migrate(db)
  return { db, seed: await seed(db, keyFile) }
}

/** The same for the database of DATABASE_URL. What is wrong with it is a UsageError with what to do. */
export async function fillGivenDatabase(url: string, keyFile: string, hasOwnLivekit: boolean): Promise<FilledDatabase> {
  try {
    if (hasOwnLivekit) await refuseOthers(url)
    return await fillDatabase(url, keyFile)
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`the database of DATABASE_URL failed: ${explainTrouble(error)}`)
  }
}

/** Others' calls are not on a LiveKit of the demo's own: the service would take them for lost, and end them. */
async function refuseOthers(url: string): Promise<void> {
  const db = createDatabase(url, { connectionTimeoutMillis: terminalConnectionMilliseconds })
  const isTaken = await isUsedByOthers(db).finally(() => db.destroy())
  if (isTaken)
    throw new UsageError(
      'there are other organizations in the database of DATABASE_URL: set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET to the LiveKit of their calls, too, or use another database',
    )
}
