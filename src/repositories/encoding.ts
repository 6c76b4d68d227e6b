// Texts are kept as UTF-8. Another encoding lacks most characters, and one that knows none, SQL_ASCII, counts bytes for characters.
import { sql } from 'kysely'
import type { Db } from './schema.ts'

/** Throws where the database's encoding is another, in words for whoever runs the service. */
export async function requireUtf8(db: Db): Promise<void> {
  const { rows } = await sql<{ name: string }>`SELECT current_setting('server_encoding') AS name`.execute(db)
  const [encoding] = rows
  if (encoding?.name === 'UTF8') return
  throw new Error(`the database has the encoding ${encoding?.name}: create one with ENCODING 'UTF8' TEMPLATE template0`)
}
