// What a client says on one connection, as text. PostgreSQL hears a prepared statement once, and then its name only: here it
// is heard each time.

/** Its Parse message: `P`, four bytes of length, name (repositories/database.ts gives it), statement. */
const parse = /P[\s\S]{4}(statement_\d+)\0([^\0]*)\0/g
const name = /statement_\d+/g

/** A reader for one connection. */
export function createReader(): (data: Buffer) => string {
  const statements = new Map<string, string>()
  return (data) => {
    const text = data.toString('latin1')
    for (const [, name = '', statement = ''] of text.matchAll(parse)) statements.set(name, statement)
    const named = (text.match(name) ?? []).map((name) => statements.get(name))
    return [text, ...named.filter((statement) => statement !== undefined && !text.includes(statement))].join('\n')
  }
}
