// The addresses of a host, asked of the name servers themselves: the system's way takes a thread, and a name whose server is silent
// would keep it.
import dns from 'node:dns/promises'

/** All of them, of either family; none where the name servers know none, or do not answer. */
export async function addressesOf(
  host: string,
  asked: Pick<dns.Resolver, 'resolve4' | 'resolve6'> = dns,
): Promise<string[]> {
  const answers = await Promise.allSettled([asked.resolve4(host), asked.resolve6(host)])
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
}
