// Where a demo that is up can be used, for people and for programs.
import { readFileSync, writeFileSync } from 'node:fs'
import type { Settings } from './settings.ts'
import type { Stack } from './stack.ts'

/** Everything a test or a script needs to use the demo while it is up. */
export function writeConnection(file: string, settings: Settings, { databaseUrl, seed, livekit, pids }: Stack): void {
  const connection = {
    url: settings.url,
    metrics_url: settings.metricsUrl,
    web_url: settings.webUrl,
    token_endpoint: `${settings.webUrl}/api/voice/token`,
    api_key: seed.apiKey,
    agents: seed.agents,
    poor_api_key: seed.poorApiKey,
    poor_agent: seed.poorAgent,
    agent_name: seed.agentName,
    database_url: databaseUrl,
    livekit: { url: livekit.url, api_key: livekit.apiKey, api_secret: livekit.apiSecret },
    pids,
  }
  writeFileSync(file, `${JSON.stringify(connection, undefined, 2)}\n`, { mode: 0o600 })
}

/** The addresses that the file names, and the key to authorize with there; undefined while the demo is starting. */
export function addressesIn(file: string): string | undefined {
  try {
    const { web_url, url, api_key } = JSON.parse(readFileSync(file, 'utf8'))
    return `Talk to it:    ${web_url}\nSwagger UI:    ${url}/docs\n  Authorize:   ${api_key}`
  } catch {
    return undefined
  }
}
