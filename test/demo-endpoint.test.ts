// The demo's own endpoint beside others of its organization, and the receiver that README.md has people start.
import { spawn } from 'node:child_process'
import t from 'tap'
import { callAgain } from '../demo/another-call.ts'
import { insecureHosts, replaceEndpoint } from '../demo/endpoint.ts'
import { freeTcpPort } from '../demo/ports.ts'
import { signedHeaders } from '../src/plugins/deliveries/signature.ts'
import { createDatabase } from '../src/repositories/database.ts'
import { createEndpoint, listEndpoints } from '../src/repositories/webhook-endpoints.ts'
import { generateWebhookSecret } from '../src/webhook-secret.ts'
import { cloneDatabase, seedOrganization } from './helper.ts'
import { until } from './receiver.ts'

t.test('a start of the demo replaces its own endpoint, and no other', async (t) => {
  const db = createDatabase(await cloneDatabase())
  t.teardown(() => db.destroy())
  const { id: organization_id } = await seedOrganization(db)
  const url = 'http://localhost:9000/webhooks/voice'
  const { id } = await createEndpoint(db, { organization_id, url, events: null, secret: generateWebhookSecret() })
  const ids: string[] = []
  for (const port of [8080, 8081]) {
    await replaceEndpoint(db, organization_id, `http://127.0.0.1:${port}`)
    const all = await listEndpoints(db, organization_id)
    t.match(all, [{ id, url }, { url: new RegExp(`^http://127.0.0.1:${port}/webhooks/voice\\?`) }])
    t.equal(all.length, 2)
    ids.push(all[1]?.id ?? '')
  }
  t.not(ids[0], ids[1])
})

t.test('the demo’s service may send to this machine under each of its names', async (t) => {
  t.intercept(process, 'env', { value: { WEBHOOK_INSECURE_HOSTS: 'mine.test' } })
  t.strictSame(insecureHosts('http://192.168.0.7:8080').split(','), [
    ...['mine.test', 'localhost', '127.0.0.1', '::1', '192.168.0.7'],
  ])
})

t.test('another call where no demo is up is refused, with what to do', async (t) => {
  await t.rejects(
    callAgain(undefined, () => {}),
    { message: /^no demo of this checkout is up: npm run demo starts one/ },
  )
})

t.test('the receiver of the examples takes what is signed with its secret, and nothing else', async (t) => {
  const secret = generateWebhookSecret()
  const port = String(await freeTcpPort())
  const env = { PATH: process.env.PATH, WEBHOOK_SECRET: secret, PORT: port }
  const receiver = spawn(process.execPath, ['examples/webhook/receiver.mjs'], { env })
  t.teardown(() => receiver.kill())
  let said = ''
  receiver.stdout.on('data', (text) => {
    said += text
  })
  await until(async () => said.includes('waiting on http://localhost:'))
  const body = JSON.stringify({ type: 'call.ended', data: { credits_charged: 10 } })
  const post = async (secret: string) => {
    const headers = signedHeaders('evt_1', Math.floor(Date.now() / 1000), body, [secret])
    return (await fetch(`http://localhost:${port}/`, { method: 'POST', headers, body })).status
  }
  t.equal(await post(secret), 204)
  t.equal(await post(generateWebhookSecret()), 400)
  await until(async () => said.includes('refused: '))
  t.match(said, /verified: call.ended \{ credits_charged: 10 \}/)
})
