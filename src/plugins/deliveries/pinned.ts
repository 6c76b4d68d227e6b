// Where a webhook is sent: the host is resolved once, every address of it must be public, and the connection is made to these
// addresses and to no others, whatever the name leads to a moment later.
import { isIP, type LookupFunction } from 'node:net'
import { addressesOf } from '../../name-servers.ts'
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

/** Rejects with Unsent where nothing may be sent there. */
export async function destinationOf(text: string, insecureHosts: string[]): Promise<Destination> {
  const url = checked(text, insecureHosts)
  if (isInsecureHost(url, insecureHosts) || isIP(hostOf(url))) return { url, lookup: undefined }
  const addresses = await addressesOf(hostOf(url))
  if (addresses.length === 0) throw new Unsent('dns')
  if (!addresses.every(isPublicAddress)) throw new Unsent('address')
  const all = addresses.map((address) => ({ address, family: isIP(address) }))
  return { url, lookup: (_host, _options, callback) => callback(null, all) }
}
