// What the tests know of the stack that run.ts started.
import type { Seed } from '../../demo/seed.ts'
import type { GivenLivekit } from '../../demo/settings.ts'

export interface Connection {
  /** The program. */
  chromium: string
  /** The service. */
  url: string
  /** The page, served by the backend proxy. */
  webUrl: string
  databaseUrl: string
  livekit: GivenLivekit
  seed: Seed
  /** What every service there is set to. */
  agentJoinSeconds: number
}

const given = process.env.BROWSER_TEST
if (!given) throw new Error('BROWSER_TEST is not set: run the tests with `npm run test:browser`')

export const connection: Connection = JSON.parse(given)
