// The addresses of a host, asked of the name servers themselves: the system's way takes a thread, and a name whose server is silent
// would keep it.
import dns from 'node:dns/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** Some name servers never answer for a family that the name does not have: where the other is known, it is not waited for. */
const otherFamilyMilliseconds = 1000

/** All of them, of either family; none where the name servers know none, or do not answer. */
export async function addressesOf(
  host: string,
  asked: Pick<dns.Resolver, 'resolve4' | 'resolve6'> = dns,
): Promise<string[]> {
  const addresses: string[] = []
  const families = [asked.resolve4(host), asked.resolve6(host)].map(async (family) => addresses.push(...(await family)))
  const all = Promise.allSettled(families)
  await Promise.any(families).catch(() => undefined)
  await Promise.race([all, sleep(otherFamilyMilliseconds, undefined, { ref: false })])
  return [...addresses]
}
