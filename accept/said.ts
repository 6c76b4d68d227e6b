// What a client says on one connection, as text. PostgreSQL hears a prepared statement once, and then its name only: here it
// is heard each time.

/** Its Parse message: `P`, four bytes of length, name, statement; and its Bind message: `B`, length, no portal, name. */
const parse = /P[\s\S]{4}(\w+)\0([^\0]*)\0/g
const bind = /B[\s\S]{4}\0(\w+)\0/g

/** A reader for one connection. */
export function createReader(): (data: Buffer) => string {
  const statements = new Map<string, string>()
  return (data) => {
    const text = data.toString('latin1')
    for (const [, name = '', statement = ''] of text.matchAll(parse)) statements.set(name, statement)
    const named = [...text.matchAll(bind)].map(([, name = '']) => statements.get(name))
    return [text, ...named.filter((statement) => statement !== undefined && !text.includes(statement))].join('\n')
  }
}
