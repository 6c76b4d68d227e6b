// What a client asks for, by name: a method of LiveKit's API, the method of any other HTTP request, or the function that an
// SQL statement is named after.

const http = /^([A-Z]+) (?:\/twirp\/livekit\.\w+\/(\w+))?\S* HTTP\//
/** PostgreSQL's Bind message: `B`, four bytes of length, no portal, and the name under which the statement was prepared. */
const prepared = /B[\s\S]{4}\0([A-Za-z]\w*?)(?:_\d+)?\0/g
/** Its Parse message where nothing is prepared: `P`, four bytes of length, no name, and the statement with its comment. */
const unprepared = /P[\s\S]{4}\0\/\* (\w+) \*\//g

/** The names in what was sent at once, as Latin-1. */
export function namesIn(sent: string): string[] {
  const [, verb, method] = http.exec(sent) ?? []
  if (verb) return [method ?? verb]
  return [...sent.matchAll(prepared), ...sent.matchAll(unprepared)].map(([, name]) => name as string)
}
