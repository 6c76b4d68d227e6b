// npm run demo -- --call: the demo's call once more, on the demo of this checkout that is up.
import { createDatabase } from '../src/repositories/database.ts'
import type { Connection } from './connection.ts'
import { type Conversed, converse } from './conversation.ts'

/** @param connection undefined where no demo is up, or it is still starting: then it rejects with what to do */
export async function callAgain(connection: Connection | undefined, say: (line: string) => void): Promise<Conversed> {
  if (connection === undefined)
    throw new Error('no demo of this checkout is up: npm run demo starts one, and prints its addresses when it is')
  const { url, database_url, organization_id: organizationId, api_key: apiKey, agents } = connection
  const db = createDatabase(database_url)
  return converse(url, db, { organizationId, apiKey, agents }, say).finally(() => db.destroy())
}
