// events-ssrf: addresses and tricks that lead inside. None is connected to, whoever wrote them into the table; nor does the command
// line take those that it can tell.
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { sql } from 'kysely'
import { openNameServer } from '../../test/name-server.ts'
import { until } from '../../test/until.ts'
import { checkBooks, must } from '../check.ts'
import type { Scenario } from '../scenario.ts'
import { createCustomer, type Stack, startStack } from '../stack.ts'

/** Who is connected to is known by this. */
async function startTrap(host: string, port: number) {
  let connections = 0
  const server = createServer((socket) => {
    connections++
    socket.destroy()
  })
  server.listen(port, host)
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, count: () => connections, close: () => server.close() }
}

/** A receiver that the operator vouches for. Where it leads on to, nobody does. */
const redirectHost = '127.0.0.9'

/** Answers with each redirect, to the trap. */
async function startRedirects(trapPort: number) {
  const asked = new Set<string>()
  const server = createHttpServer((request, response) => {
    asked.add(request.url ?? '')
    response.writeHead(Number(request.url?.slice(1)), { location: `http://127.0.0.1:${trapPort}/` }).end()
  })
  server.listen(0, redirectHost)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const urls = [301, 302, 303, 307, 308].map((status) => `http://${redirectHost}:${port}/${status}`)
  return { urls, asked, close: () => server.close() }
}

/** What the names of .test lead to, each time that they are asked for. */
const names = {
  'rebinding.test': [['93.184.215.14'], ['127.0.0.1']],
  'inside.test': [['127.0.0.1']],
  'inside6.test': [['::1']],
  'mixed.test': [['93.184.215.14', '127.0.0.1']],
}

/** Hosts of URLs; each is tried on the port of the trap, with https: http is refused by its scheme, wherever it leads. */
const hosts = [
  ...['127.0.0.1', '127.1', '127.0.1', '2130706433', '0x7f000001', '0x7f.0.0.1', '0177.0.0.1', '017700000001'],
  ...['127.255.255.254', '0.0.0.0', '0', 'localhost', 'LOCALHOST', 'localhost.', 'foo.localhost', '127.0.0.1.'],
  ...['[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:ffff:127.0.0.1]', '[::127.0.0.1]'],
  ...['[64:ff9b::7f00:1]', '[2002:7f00:1::]', '[fe80::1]', '[fc00::1]', '[fd12:3456::1]', '[ff02::1]'],
  ...['10.0.0.1', '172.16.0.1', '192.168.0.1', '169.254.169.254', '[fd00:ec2::254]', '100.64.0.1', '198.18.0.1'],
  ...['192.0.2.1', '224.0.0.1', '255.255.255.255', 'service.local', '１２７.０.０.１', '①②⑦.0.0.1', '127。0。0。1'],
  ...['user:password@127.0.0.1', 'example.com@127.0.0.1'],
  ...Object.keys(names),
]

/** The service asks this name server. */
const asks = (port: number) =>
  `data:text/javascript,import(%22node:dns%22).then((dns)=>dns.promises.setServers([%22127.0.0.1:${port}%22]))`

/** Whatever the command line would say: as if somebody had written it into the table. */
async function plant({ db }: Stack, organizationId: string, url: string): Promise<void> {
  await sql`
    INSERT INTO webhook_endpoints (organization_id, url, secret)
    VALUES (${organizationId}, ${url}, 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')`.execute(db)
}

export const eventsSsrf: Scenario = async () => {
  const nameServer = await openNameServer(names)
  const environment = () => ({
    NODE_OPTIONS: `--import ${asks(nameServer.port)}`,
    WEBHOOK_INSECURE_HOSTS: redirectHost,
  })
  const stack = await startStack({ environment })
  const traps = [await startTrap('127.0.0.1', 0)]
  const { port } = traps[0] as { port: number }
  traps.push(await startTrap('::1', port).catch(() => startTrap('127.0.0.2', port)))
  const { organizationId } = await createCustomer(stack.db)
  const redirects = await startRedirects(port)
  const urls = [...hosts.map((host) => `https://${host}:${port}/`), `http://93.184.215.14:${port}/`, ...redirects.urls]
  for (const url of urls) await plant(stack, organizationId, url)
  await sql`UPDATE organizations SET events_since = now() WHERE id = ${organizationId}`.execute(stack.db)
  await sql`SELECT record_event(${organizationId}::uuid, 'credit.low', NULL, shown_credits(${organizationId}::uuid))`.execute(
    stack.db,
  )
  /** The schedule's first three attempts; an endpoint that fails has few places. */
  const isTried = async () => {
    const { rows } = await sql<{ least: number; sent: number }>`
      SELECT min(tries) AS least, count(delivered_at)::int AS sent FROM webhook_deliveries`.execute(stack.db)
    must(rows[0]?.sent === 0, 'something was delivered')
    await sql`UPDATE webhook_deliveries SET wake_at = now() WHERE tries < 3 AND wake_at > now() + interval '45 s'`.execute(
      stack.db,
    )
    return (rows[0]?.least ?? 0) >= 3
  }
  await until(isTried, 240_000, 'not every address was tried')
  const { rows } = await sql<{ failure: string; count: number }>`
    SELECT failure, count(*)::int AS count FROM webhook_deliveries GROUP BY 1 ORDER BY 1`.execute(stack.db)
  for (const { count } of traps) must(count() === 0, `${count()} connections came inside`)
  await checkBooks(stack)
  must(nameServer.asked.includes('A rebinding.test'), 'the names were asked of another name server')
  must(redirects.asked.size === redirects.urls.length, 'not every redirect was asked for')
  const failureOf = (failure: string) => rows.find((row) => row.failure === failure)?.count ?? 0
  must(failureOf('status') === redirects.urls.length, 'a redirect is no failure of its status')
  for (const { close } of [...traps, nameServer, redirects]) close()
  await stack.stop()
  return { addresses: urls.length, failures: Object.fromEntries(rows.map(({ failure, count }) => [failure, count])) }
}
