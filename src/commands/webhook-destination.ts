// Where an endpoint leads, for whoever names its URL: refused where nothing would ever be sent there, and a note where nothing would
// be sent as it is now, or everything twice.
import dns from 'node:dns/promises'
import { isIP } from 'node:net'
import { addressesOf } from '../name-servers.ts'
import { isPublicAddress } from '../public-address.ts'
import type { Db } from '../repositories/schema.ts'
import { listEndpoints } from '../repositories/webhook-endpoints.ts'
import { listItems } from '../variables.ts'
import { hostOf, isInsecureHost, webhookUrl } from '../webhook-url.ts'
import { type Around, Refusal } from './command.ts'
import { readVariable } from './webhook-settings.ts'

/** Whoever types waits for the name servers no longer. */
const lookupMilliseconds = 2000

const insecureHostsOf = ({ variable }: Around) =>
  listItems(readVariable(variable, 'WEBHOOK_INSECURE_HOSTS', 'hosts') ?? '')

/** The URL, as it is stored; refused where the service would send nothing to it. */
export function requireUrl(text: string, around: Around): string {
  const insecureHosts = insecureHostsOf(around)
  try {
    return webhookUrl(text, insecureHosts).href
  } catch (error) {
    throw new Refusal(`--url: ${(error as Error).message}`, 2)
  }
}

async function noteAddresses(text: string, around: Around): Promise<void> {
  const url = new URL(text)
  const host = hostOf(url)
  if (isIP(host) || isInsecureHost(url, insecureHostsOf(around))) return
  const resolver = new dns.Resolver({ timeout: lookupMilliseconds, tries: 1 })
  resolver.setServers(dns.getServers())
  const addresses = await addressesOf(host, resolver)
  if (addresses.length === 0)
    around.note(`no address of ${host} is found now: until there is one, nothing arrives there`)
  if (!addresses.every(isPublicAddress))
    around.note(
      `${host} has an address that is not public: nothing is sent there, unless WEBHOOK_INSECURE_HOSTS names it`,
    )
}

/** Says what whoever names this URL for an endpoint of the organization, a new one or that of the id, may not know. */
export async function noteOddities(
  db: Db,
  { url, organization_id, id }: { url: string; organization_id: string; id?: string },
  around: Around,
): Promise<void> {
  const all = await listEndpoints(db, organization_id)
  for (const same of all.filter((other) => other.url === url && other.id !== id))
    around.note(`webhook ${same.id} has this URL, too: each gets its events, so both come there`)
  await noteAddresses(url, around)
}
