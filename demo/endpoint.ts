// Where the demo's organization is told of its events: the backend proxy of the page.

import type { Db } from '../src/repositories/schema.ts'
import { createEndpoint, deleteEndpoint, listEndpoints } from '../src/repositories/webhook-endpoints.ts'
import { generateWebhookSecret } from '../src/webhook-secret.ts'

const PATH = '/webhooks/voice'

/** In the place of what an earlier start made, which had another port or another secret; the secret that signs. */
export async function replaceEndpoint(db: Db, organizationId: string, webUrl: string): Promise<string> {
  const earlier = (await listEndpoints(db, organizationId)).filter(({ url }) => url.endsWith(PATH))
  for (const endpoint of earlier) await deleteEndpoint(db, endpoint)
  const secret = generateWebhookSecret()
  await createEndpoint(db, { organization_id: organizationId, url: webUrl + PATH, events: null, secret })
  return secret
}

/** Hosts to which the service sends events although they are no public ones: this, and what the shell names. */
export const insecureHosts = (webUrl: string): string =>
  [process.env.WEBHOOK_INSECURE_HOSTS, new URL(webUrl).hostname.replaceAll(/[[\]]/g, '')].filter(Boolean).join(',')
