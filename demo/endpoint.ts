// Where the demo's organization is told of its events: the backend proxy of the page.

import type { Db } from '../src/repositories/schema.ts'
import { createEndpoint, deleteEndpoint, listEndpoints } from '../src/repositories/webhook-endpoints.ts'
import { generateWebhookSecret } from '../src/webhook-secret.ts'

/** No other endpoint has this URL, so that nobody else's is deleted. The proxy does not read what stands behind the `?`. */
const PATH = '/webhooks/voice?of=voice-sessions-demo'

/** In the place of what an earlier start made, which had another port or another secret; the secret that signs. */
export async function replaceEndpoint(db: Db, organizationId: string, webUrl: string): Promise<string> {
  const earlier = (await listEndpoints(db, organizationId)).filter(({ url }) => url.endsWith(PATH))
  for (const endpoint of earlier) await deleteEndpoint(db, endpoint)
  const secret = generateWebhookSecret()
  await createEndpoint(db, { organization_id: organizationId, url: webUrl + PATH, events: null, secret })
  return secret
}

const ownMachine = ['localhost', '127.0.0.1', '::1']

/** Hosts to which the service sends events although they are no public ones: this machine, the page, and what the shell names. */
export const insecureHosts = (webUrl: string): string =>
  [process.env.WEBHOOK_INSECURE_HOSTS, ...ownMachine, new URL(webUrl).hostname.replaceAll(/[[\]]/g, '')]
    .filter(Boolean)
    .join(',')
