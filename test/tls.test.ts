// LiveKit behind TLS, as it is in production: rooms are made and deleted over it, and a certificate that nobody vouches for
// is not talked to.
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { createServer } from 'node:tls'
import t from 'tap'
import { createCertificate } from './certificate.ts'
import { build, environment, parts } from './helper.ts'
import { startServer } from './processes.ts'

const certificate = createCertificate(t.testdir())

const server = createServer(certificate, (client) => {
  const { hostname, port } = new URL(parts.livekitUrl)
  const livekit = connect(Number(port), hostname)
  client.pipe(livekit).on('error', () => client.destroy())
  livekit.pipe(client).on('error', () => livekit.destroy())
})
server.on('tlsClientError', () => {})
t.before(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
})
t.teardown(() => server.close())

async function startBehindTls(t: Parameters<typeof startServer>[0], variables: Record<string, string>) {
  const { organization, credits } = await build(t)
  const LIVEKIT_API_URL = `wss://localhost:${(server.address() as AddressInfo).port}`
  const { url, stdout, child, finished } = await startServer(t, {
    ...(await environment({ LIVEKIT_API_URL, LOG_LEVEL: 'info' })),
    ...variables,
  })
  const headers = { 'x-api-key': organization.key, 'content-type': 'application/json' }
  const sessions = `${url}/v1/chat/voice-sessions`
  const body = JSON.stringify({ agent_id: organization.pipelineAgent })
  return {
    organization,
    credits,
    stdout,
    stop: () => {
      child.kill('SIGTERM')
      return finished
    },
    create: () => fetch(sessions, { method: 'POST', headers, body }),
    end: (roomName: string) => fetch(`${sessions}/${roomName}`, { method: 'DELETE', headers }),
  }
}

t.test('rooms are made and deleted over it', async (t) => {
  const { create, end, stop } = await startBehindTls(t, { NODE_EXTRA_CA_CERTS: certificate.file })
  const created = await create()
  t.equal(created.status, 200)
  const { room_name } = (await created.json()) as { room_name: string }
  const ended = await end(room_name)
  t.match(await ended.json(), { status: 'ended', end_reason: 'ended_by_api' })
  t.match(await stop(), { code: 0, stderr: '' })
})

t.test('a certificate that nobody vouches for is 500, and the held credits come back', async (t) => {
  const { create, credits, organization, stdout } = await startBehindTls(t, {})
  const { status } = await create()
  t.equal(status, 500)
  t.match(stdout(), 'self-signed certificate')
  t.equal(await credits(), organization.openingCredits)
})
