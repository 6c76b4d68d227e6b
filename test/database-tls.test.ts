// PostgreSQL behind TLS, with a certificate that nobody vouches for, as most managed databases have it: what works, and what the one
// line says where it does not.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import t from 'tap'
import { buildApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { createCertificate } from './certificate.ts'
import { cloneDatabase, environment, parts } from './helper.ts'
import { spawnAdmin } from './processes.ts'

t.setTimeout(600_000)

const { file, cert, key } = createCertificate(t.testdir())
const { hostname, port } = new URL(parts.databaseUrl)

/** Whoever asks for TLS gets it; whoever does not is refused, as where pg_hba.conf wants `hostssl`. */
const server = createServer((client) => {
  client
    .on('error', () => {})
    .once('data', (request) => {
      const asksForTls = request.length === 8 && request.readInt32BE(4) === 80877103
      if (!asksForTls) return client.end(refusal)
      client.write('S')
      const secured = new TLSSocket(client, { isServer: true, cert, key })
      join(secured, connect(Number(port), hostname))
    })
})

const fields = { S: 'FATAL', V: 'FATAL', C: '28000', M: 'no pg_hba.conf entry for host "127.0.0.1", no encryption' }
const body = `${Object.entries(fields)
  .map(([name, text]) => `${name}${text}\0`)
  .join('')}\0`
const length = Buffer.alloc(4)
length.writeInt32BE(4 + Buffer.byteLength(body))
const refusal = Buffer.concat([Buffer.from('E'), length, Buffer.from(body)])

function join(one: Socket, other: Socket) {
  one.pipe(other).on('error', () => one.destroy())
  other.pipe(one).on('error', () => other.destroy())
}

t.before(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
})
t.teardown(() => server.close())

async function urlWith(query: string): Promise<string> {
  const url = new URL(await cloneDatabase())
  url.hostname = 'localhost'
  url.port = String((server.address() as AddressInfo).port)
  return `${url.href}${query}`
}

const starts = async (DATABASE_URL: string) => (await buildApp(loadConfig(await environment({ DATABASE_URL })))).close()

for (const query of [
  '?uselibpqcompat=true&sslmode=require',
  '?sslmode=no-verify',
  `?sslmode=verify-full&sslrootcert=${file}`,
])
  t.test(`the service starts with ${query.replace(file, 'FILE')}`, async (t) => {
    await t.resolves(starts(await urlWith(query)))
  })

for (const mode of ['require', 'verify-full', 'prefer'])
  t.test(`sslmode=${mode} alone checks the certificate, and one line says what to add`, async (t) => {
    const { code, stderr } = await spawnAdmin(t, await urlWith(`?sslmode=${mode}`), 'org', 'list')
    t.equal(code, 1)
    t.match(
      stderr,
      /^error: the database failed: DEPTH_ZERO_SELF_SIGNED_CERT [^\n]*uselibpqcompat=true&sslmode=require[^\n]*\n$/,
    )
  })

t.test('where TLS is missing, on one side or the other, the start says so', async (t) => {
  await t.rejects(starts(await urlWith('')), { message: /28000 .*it may want TLS: add sslmode=verify-full/ })
  await t.rejects(starts(`${await cloneDatabase()}?sslmode=require`), { message: /it speaks no TLS: remove sslmode/ })
})
