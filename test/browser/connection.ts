// The addresses and keys of the stack that run.ts started, as the tests get them.
import type { Seed } from '../../demo/seed.ts'
import type { GivenLivekit } from '../../demo/settings.ts'

export interface Connection {
  /** The path of the browser's program. */
  chromium: string
  /** The address of the service. */
  url: string
  /** The address of the backend proxy, which serves the page. */
  webUrl: string
  databaseUrl: string
  livekit: GivenLivekit
  seed: Seed
  /** How long every service of these tests waits for an agent. */
  agentJoinSeconds: number
}

const given = process.env.BROWSER_TEST
if (!given) throw new Error('BROWSER_TEST is not set: run the tests with `npm run test:browser`')

export const connection: Connection = JSON.parse(given)
