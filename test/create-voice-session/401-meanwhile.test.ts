// 401: the key was good when the request began, and is not when its credits would be held. After `--end-calls` no call begins.
import { sql } from 'kysely'
import t from 'tap'
import { revokeApiKey } from '../../src/repositories/api-keys.ts'
import { suspendOrganization } from '../../src/repositories/organizations.ts'
import { admin } from '../command-line.ts'
import {
  buildBehindProxies,
  cloneDatabase,
  leftNothing,
  livekitCalls,
  type Proxied,
  refused,
  until,
} from '../helper.ts'
import { head, openWire } from '../wire.ts'

t.setTimeout(600_000)

const path = '/v1/chat/voice-sessions'
const challenge = { 'www-authenticate': 'ApiKey realm="voice-sessions"' }

const becomesBad: Record<string, (service: Proxied) => Promise<unknown>> = {
  'its organization is suspended, and its calls are ended': async ({ organization }) =>
    admin(t, await cloneDatabase(), 'org', 'suspend', '--org', organization.id, '--end-calls'),
  'it is revoked, and its calls are ended': async ({ organization }) =>
    admin(t, await cloneDatabase(), 'key', 'revoke', '--id', organization.keyId, '--end-calls'),
  'it expires': ({ db, organization }) =>
    db
      .updateTable('api_keys')
      .set({ expires_at: new Date(0) })
      .where('id', '=', organization.keyId)
      .execute(),
}

for (const [what, makeBad] of Object.entries(becomesBad))
  for (const more of [{}, { 'Idempotency-Key': 'late' }])
    t.test(`401: ${what}, before the body has come${'Idempotency-Key' in more ? ', with a key' : ''}`, async (t) => {
      const service = await buildBehindProxies(t)
      const { key, pipelineAgent } = service.organization
      const wire = await openWire(t, service.port)
      const body = JSON.stringify({ agent_id: pipelineAgent })
      const headers = { 'X-API-Key': key, 'Content-Type': 'application/json', 'Content-Length': String(body.length) }
      wire.send(head('POST', path, { ...headers, ...more }))
      await until(async () => service.database.count('findCaller') === 1)
      await makeBad(service)
      wire.send(body)
      t.match(await wire.answer(), { status: 401, headers: challenge, body: '{"detail":"Invalid API key"}' })
      t.equal(service.database.count('holdMinute'), 1, 'it came as far as the hold')
      t.strictSame(livekitCalls(service.livekit), [], 'LiveKit was never called')
      await leftNothing(t, service)
    })

t.test('401: its organization is suspended while the hold waits for it', async (t) => {
  const service = await buildBehindProxies(t)
  const { id } = service.organization
  const waits = "SELECT 1 FROM pg_stat_activity WHERE query LIKE '/* holdMinute */%' AND wait_event_type = 'Lock'"
  const answer = await service.db.transaction().execute(async (suspending) => {
    await suspendOrganization(suspending, id)
    const answer = service.create()
    await until(async () => (await sql.raw(waits).execute(service.db)).rows.length > 0)
    return { answer }
  })
  refused(t, await answer.answer, 401, 'Invalid API key', challenge)
  await leftNothing(t, service)
})

t.test('200: another key of the organization was revoked meanwhile', async (t) => {
  const service = await buildBehindProxies(t)
  const other = await admin(
    t,
    await cloneDatabase(),
    ...['key', 'create', '--org', service.organization.id, '--user', 'b'],
  )
  service.database.when('holdMinute', { before: () => revokeApiKey(service.db, other.id) })
  t.equal((await service.create()).status, 200)
})
