// Where a webhook is sent: the host is resolved once, every address of it must be public, and the connection is made to these
// addresses and to no others, whatever the name leads to a moment later.
import dns from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { isPublicAddress } from '../../public-address.ts'
import { hostOf, isInsecureHost, webhookUrl } from '../../webhook-url.ts'
import { Unsent } from './failure.ts'

export interface Destination {
  url: URL
  /** For the connection; undefined where the system's own is taken: the host is an address, or the operator vouches for it. */
  lookup: LookupFunction | undefined
}

function checked(text: string, insecureHosts: string[]): URL {
  try {
    return webhookUrl(text, insecureHosts)
  } catch {
    throw new Unsent('address')
  }
}

/** Some name servers never answer for a family that the name does not have: where the other is known, it is not waited for. */
const otherFamilyMilliseconds = 1000

/** Asked of the name servers themselves: the system's way takes a thread, and a name whose server is silent would keep it. */
async function resolve(host: string): Promise<string[]> {
  const addresses: string[] = []
  const families = [dns.resolve4(host), dns.resolve6(host)].map(async (family) => addresses.push(...(await family)))
  const all = Promise.allSettled(families)
  await Promise.any(families).catch(() => undefined)
  await Promise.race([all, sleep(otherFamilyMilliseconds, undefined, { ref: false })])
  if (addresses.length === 0) throw new Unsent('dns')
  return [...addresses]
}

/** Rejects with Unsent where nothing may be sent there. */
export async function destinationOf(text: string, insecureHosts: string[]): Promise<Destination> {
  const url = checked(text, insecureHosts)
  if (isInsecureHost(url, insecureHosts) || isIP(hostOf(url))) return { url, lookup: undefined }
  const addresses = await resolve(hostOf(url))
  if (!addresses.every(isPublicAddress)) throw new Unsent('address')
  const all = addresses.map((address) => ({ address, family: isIP(address) }))
  return { url, lookup: (_host, _options, callback) => callback(null, all) }
}
