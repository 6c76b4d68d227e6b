// The demo's command line.
import { parseArgs } from 'node:util'

export const HELP = `npm run demo -- [options]

Starts PostgreSQL, livekit-server, the service, an agent worker and a page to call with, makes one real call, prints what it
cost, and stays up until Ctrl-C. A port that is taken is replaced by another, and named.
Everything is kept under .demo/: logs, data and, while it is up, connection.json.

  --call   make one more call on the demo that is up, print what it cost, and end
  --once   end after the call
  --json   what the call came to as one line of JSON, the last of stdout; everything else goes to stderr
  --help   print this

Environment: with DATABASE_URL, or with LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET, that database or LiveKit is
used instead of one of its own; the database is migrated, and gets the demo's organizations. The service is on PORT
(3000), the page on WEB_PORT (8080), the metrics on METRICS_PORT (9090). The service's variables (see .env.example) are
passed on to it.
`

export interface Options {
  call: boolean
  once: boolean
  json: boolean
  help: boolean
}

/** Somebody has to change the command or the environment: one line, exit code 2. */
export class UsageError extends Error {}

export function parseOptions(args: string[]): Options {
  const flag = { type: 'boolean', default: false } as const
  try {
    return parseArgs({ args, options: { call: flag, once: flag, json: flag, help: flag } }).values
  } catch (error) {
    // Node explains how to pass such an argument as a positional; there are none here.
    const [sentence] = (error as Error).message.split('. ')
    throw new UsageError(`${sentence}; see npm run demo -- --help`)
  }
}
