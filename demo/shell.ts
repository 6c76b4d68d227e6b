// What the shell has set for other programs is not meant for the parts that are started here: a PGSSLMODE, or the variables that
// Kubernetes sets for a Service named livekit.

/** What a program needs to run at all. */
const plain = ['PATH', 'HOME', 'TMPDIR', 'LD_LIBRARY_PATH']

/** An environment with nothing else of the shell's. */
export const plainEnvironment = (): Record<string, string> =>
  Object.fromEntries(plain.flatMap((name) => (process.env[name] ? [[name, process.env[name] as string]] : [])))

/**
 * Forgets the variables by which libpq's kind of programs, Node and proxies are told what to do, for this process and all that it
 * starts; their names. Who gives a database, or a LiveKit, gives what leads there, too.
 */
export function forgetShell({ DATABASE_URL, LIVEKIT_URL }: NodeJS.ProcessEnv = process.env): string[] {
  const forgotten = Object.keys(process.env).filter(
    (name) =>
      name === 'NODE_OPTIONS' ||
      (!DATABASE_URL && /^PG[A-Z]+$/.test(name)) ||
      (!LIVEKIT_URL && name === 'NODE_USE_ENV_PROXY'),
  )
  for (const name of forgotten) delete process.env[name]
  return forgotten
}

const reasons: [RegExp, string][] = [
  [/^PG/, 'the demo starts its own PostgreSQL'],
  [/^NODE_USE_ENV_PROXY$/, 'the demo starts its own LiveKit'],
  [/^NODE_OPTIONS$/, 'the demo has its own options for Node'],
]

/** Why they were forgotten, a line for each reason. */
export const explainForgotten = (names: string[]): string[] =>
  reasons.flatMap(([pattern, reason]) => {
    const ignored = names.filter((name) => pattern.test(name)).sort()
    if (ignored.length === 0) return []
    return `${ignored.join(', ')} ${ignored.length === 1 ? 'is' : 'are'} ignored: ${reason}`
  })
