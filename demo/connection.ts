// Where a demo that is up can be used, for people and for programs.
import { readFileSync, writeFileSync } from 'node:fs'
import type { Settings } from './settings.ts'
import type { Stack } from './stack.ts'

/** Everything a test or a script needs to use the demo while it is up. */
export function writeConnection(file: string, settings: Settings, { databaseUrl, seed, livekit, pids }: Stack): void {
  const connection = {
    url: settings.url,
    docs_url: settings.docsUrl,
    metrics_url: settings.metricsUrl,
    web_url: settings.webUrl,
    token_endpoint: `${settings.webUrl}/api/voice/token`,
    organization_id: seed.organizationId,
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

/** What is needed of it for another call, and to say where the demo is. */
export interface Connection {
  url: string
  web_url: string
  docs_url: string | null
  database_url: string
  organization_id: string
  api_key: string
  agents: { pipeline: string }
}

/** What the file says; undefined where no demo is up. */
export function readConnection(file: string): Connection | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** The addresses that the file names, and the key to use there; undefined while the demo is starting. */
export function addressesIn(file: string): string | undefined {
  const connection = readConnection(file)
  if (!connection) return undefined
  const { web_url, url, docs_url, api_key } = connection
  const service = docs_url
    ? `Swagger UI:    ${docs_url}\n  Authorize:   ${api_key}`
    : `Service:       ${url}\n  API key:     ${api_key}`
  return `Talk to it:    ${web_url}\n${service}`
}
